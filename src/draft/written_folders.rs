//! Folders for what the app writes: beside the sources, where settings name them for uploads or caches, and in the
//! system's places for such.

use std::sync::LazyLock;

use regex::Regex;

use super::database::is_beside_sources;
use crate::python::{assigned, expression, literals, without_literals};

/// Returns the settings that name such a folder, and its name; `is_there` says which ones the project brings
/// along. A setting that is another's value has its folder.
pub(super) fn folders_beside(text: &str, is_there: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    static SETTING: LazyLock<Regex> = LazyLock::new(|| {
        let words = "MEDIA|UPLOAD|STOR(?:E|AGE)|CACHE|TMP|TEMP|DATA";
        Regex::new(&format!(
            r"(?m)^([A-Z][A-Z0-9_]*(?:{words})[A-Z0-9_]*|(?:{words})[A-Z0-9_]*)[ \t]*=[ \t]*"
        ))
        .expect("a constant pattern")
    });
    let mut found: Vec<(String, String)> = Vec::new();
    for setting in SETTING.captures_iter(text) {
        let name = &setting[1];
        let Some(code) = assigned(text, name) else { continue };
        let folder = match found.iter().find(|(known, _)| known == code) {
            Some((_, folder)) => folder.clone(),
            None if is_joined(code) && is_beside_sources(text, code) => {
                literals(code).pop().unwrap_or_default()
            }
            None => continue,
        };
        let is_folder = !folder.is_empty() && !folder.contains(['.', '/', '{', '%', ':']);
        let is_known = found.iter().any(|(known, _)| known == name);
        if is_folder && !is_known && !is_there(&folder) {
            found.push((name.to_owned(), folder));
        }
    }
    found
}

/// Returns the folders of a package that its source names in the system's places for what a program keeps:
/// `/var/lib/shop` for `"/var/lib/shop/orders"`.
pub(super) fn folders_of_system(text: &str, package: &str) -> Vec<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["'](/var/(?:lib|cache|spool)/([\w.-]+))(?:/[^"'\n]*)?["']"#)
            .expect("a constant pattern")
    });
    let found = NAMED.captures_iter(text).filter(|named| &named[2] == package);
    found.map(|named| named[1].to_owned()).collect()
}

/// `BASE_DIR / "media"`, or a join: no list, no dictionary.
fn is_joined(code: &str) -> bool {
    let plain = without_literals(code);
    let is_one = !code.starts_with(['[', '{', '(']) && expression(code) == code;
    is_one && (plain.contains("join(") || plain.contains(" / "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_for_what_is_written_is_found_and_one_that_is_brought_along_is_not() {
        let text = "BASE_DIR = path.dirname(__file__)\nMEDIA_ROOT = env('MEDIA_ROOT', path.join(BASE_DIR, 'media'))\n\
            UPLOAD_TMP = str(BASE_DIR / 'tmp-uploads')\nFILE_STORE_PATH = MEDIA_ROOT\nMEDIA_URL = '/media/'\n\
            CACHE_DIR = '/var/cache/shop'\nDATABASES = {'default': {'NAME': BASE_DIR / 'x'}}\n\
            DATA_DIR = path.join(BASE_DIR, 'data')\nTEMPLATE_DIR = [path.join(BASE_DIR, 'pages')]\n\
            CACHE_FILE = path.join(BASE_DIR, 'x.cache')\nSTATIC_ROOT = path.join(BASE_DIR, 'all')\n";
        let found = folders_beside(text, |folder| folder == "data");
        let shown: Vec<String> =
            found.iter().map(|(name, folder)| format!("{name} {folder}")).collect();
        assert_eq!(shown, ["MEDIA_ROOT media", "UPLOAD_TMP tmp-uploads", "FILE_STORE_PATH media"]);
    }

    #[test]
    fn a_package_has_a_folder_of_its_own_name() {
        let text = "FOLDER = '/var/lib/shop/orders'\nOTHER = \"/var/lib/tor/cookie\"\nX = '/var/cache/shop'\n\
            LOG = '/var/log/shop'\n";
        assert_eq!(folders_of_system(text, "shop"), ["/var/lib/shop", "/var/cache/shop"]);
    }
}
