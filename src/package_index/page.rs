//! What a package index lists of a project: PEP 691's JSON, or PEP 503's page.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::http::Http;

/// One file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its name, which is one of a file and no path.
    pub(super) name: String,
    /// Where it is to be had.
    pub(super) url: String,
    /// In lowercase hex, where the index says it.
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: Hashes,
}

#[derive(Default, Deserialize)]
struct Hashes {
    sha256: Option<String>,
}

/// Returns the files that an answer lists; `None` where it is no page of an index.
pub(super) fn files(http: &Http, page: &str, kind: &str, bytes: &[u8]) -> Option<Vec<File>> {
    let listed = if kind.contains("json") {
        serde_json::from_slice::<Project>(bytes).ok()?.files
    } else {
        let text = String::from_utf8_lossy(bytes);
        let is_page = text.to_ascii_lowercase().contains("<html");
        if !is_page {
            return None;
        }
        anchors(&text)
    };
    let file = |listed: Listed| {
        let url = http.join(page, &listed.url)?;
        let is_name = !listed.filename.contains('/') && !listed.filename.starts_with('.');
        let sha256 = listed.hashes.sha256.map(|digest| digest.to_ascii_lowercase());
        is_name.then_some(File { name: listed.filename, url, sha256 })
    };
    Some(listed.into_iter().filter_map(file).collect())
}

/// The links of a page: the name of a file, and its address with its digest behind a `#`.
fn anchors(text: &str) -> Vec<Listed> {
    static ANCHOR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?is)<a\s[^>]*?href\s*=\s*["']([^"']*)["'][^>]*>\s*([^<]*?)\s*</a>"#)
            .expect("an expression that is written here")
    });
    let links = ANCHOR.captures_iter(text).map(|found| {
        let href = found[1].replace("&amp;", "&");
        let (url, fragment) = href.split_once('#').unwrap_or((&href, ""));
        let sha256 = fragment.split('&').find_map(|part| part.strip_prefix("sha256="));
        Listed {
            filename: found[2].to_owned(),
            url: url.to_owned(),
            hashes: Hashes { sha256: sha256.map(str::to_owned) },
        }
    });
    links.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_page_are_read() {
        let http = Http::new().unwrap();
        let of = |kind: &str, text: &str| {
            let files = files(&http, "https://pypi.example/simple/shop/", kind, text.as_bytes());
            files.map(|files| {
                let line = |file: File| format!("{} {} {:?}", file.name, file.url, file.sha256);
                files.into_iter().map(line).collect::<Vec<_>>()
            })
        };
        let json = r#"{"meta": {"api-version": "1.1"}, "name": "shop", "files": [
            {"filename": "shop-1.1.tar.gz", "url": "../../files/shop-1.1.tar.gz",
             "hashes": {"sha256": "AB"}, "yanked": true},
            {"filename": "../shop-1.1.tar.gz", "url": "https://evil.example/x", "hashes": {}},
            {"filename": "shop-1.1-py3-none-any.whl", "url": "https://files.example/w", "hashes": {}}]}"#;
        let expected = [
            "shop-1.1.tar.gz https://pypi.example/files/shop-1.1.tar.gz Some(\"ab\")",
            "shop-1.1-py3-none-any.whl https://files.example/w None",
        ];
        assert_eq!(of("application/vnd.pypi.simple.v1+json", json).unwrap(), expected);
        let html = r#"<!DOCTYPE html><HTML><body>
            <A class="x" HREF='../../files/shop-1.1.tar.gz#sha256=ab' data-yanked="">
              shop-1.1.tar.gz</A>
            <a href="https://files.example/w">shop-1.1-py3-none-any.whl</a></body></html>"#;
        assert_eq!(of("text/html; charset=utf-8", html).unwrap(), expected);
        assert_eq!(of("text/plain", "It works!"), None);
        assert_eq!(of("application/json", "[]"), None);
    }
}
