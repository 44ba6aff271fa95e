//! A release that is to be had from a package index, such as the one that is live today.

mod choose;
mod live;
mod page;
mod requires;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::digest::{Digest, sha256};
use crate::failure::Failure;
use crate::http::{Answer, Http};
use crate::site::{Published, PythonVersion, masked};
use choose::choose;
pub use live::live_releases;
use page::{File, files};
pub use requires::requires_of;

/// The index that is asked where nobody names another.
const USUAL_INDEX: &str = "https://pypi.org/simple";

/// What an index may answer with: PEP 691's JSON, and PEP 503's page.
const FORMS: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
/// The longest page that is read: the largest project of `PyPI` has one of about 10 MB.
const LONGEST_PAGE: usize = 64 << 20;
/// The largest file that is fetched.
const LARGEST_FILE: usize = 1 << 30;
/// How long a file may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// The indexes of a site, in the order in which they are asked: its own, else those of the environment, else the usual
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexes(Vec<String>);

impl Indexes {
    /// Returns the indexes by a site's keys `install.index` and `install.extra_indexes`, and the variables of pip and uv.
    #[must_use]
    pub fn new(
        own: Option<&str>,
        extra: &[String],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Indexes {
        let named = |names: &[&str]| names.iter().find_map(|name| variable(name));
        let first = own
            .map(str::to_owned)
            .or_else(|| named(&["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"]))
            .unwrap_or_else(|| USUAL_INDEX.to_owned());
        let others = named(&["UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"]);
        let others = others.unwrap_or_default();
        let extra = extra.iter().map(String::as_str).chain(others.split_whitespace());
        Indexes(std::iter::once(first.as_str()).chain(extra).map(str::to_owned).collect())
    }

    /// The one that is asked first.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.first().map_or(USUAL_INDEX, String::as_str)
    }

    /// Returns the file of a release for a site's Python: a wheel that runs there, else the sdist. It is fetched once into
    /// a folder of its own below `folder`; what is published under a version never changes.
    ///
    /// # Errors
    /// Usage: no index has it, or not for this Python. Infrastructure: an index that does not answer, or another file
    /// than it promised.
    pub async fn fetch(
        &self,
        http: &Http,
        release: &Published,
        python: PythonVersion,
        folder: &Path,
    ) -> Result<PathBuf, Failure> {
        let key = Digest::of("published").with(release.to_string()).with(python.to_string());
        let key = self.0.iter().fold(key, Digest::with);
        let folder = folder.join(key.key());
        if let Some(there) = only_file(&folder) {
            return Ok(there);
        }
        let mut found = Vec::new();
        for index in &self.0 {
            let url = format!("{}/{}/", index.trim_end_matches('/'), release.name);
            let Some(answer) = http.get(&url, FORMS, LONGEST_PAGE, PATIENCE).await? else {
                continue;
            };
            let Answer { url, kind, bytes } = answer;
            let listed = files(http, &url, &kind, &bytes).ok_or_else(|| {
                let message = format!("{} is not the page of a package index", masked(&url));
                Failure::usage(message)
                    .hint("mend `install.index`, such as https://pypi.example/simple")
            })?;
            found.extend(listed);
        }
        let shown: Vec<String> = self.0.iter().map(|index| masked(index)).collect();
        let file = choose(&found, release, python).map_err(|lack| lack.of(release, &shown))?;
        store(http, file, &folder).await
    }
}

/// The file that was fetched before.
fn only_file(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut files = entries.map(|entry| entry.path()).filter(|path| {
        !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    files.next()
}

/// Fetches a file into the folder, whole or not at all.
async fn store(http: &Http, file: &File, folder: &Path) -> Result<PathBuf, Failure> {
    let shown = masked(&file.url);
    let answer = http.get(&file.url, "*/*", LARGEST_FILE, PATIENCE).await?;
    let Some(Answer { bytes, .. }) = answer else {
        return Err(Failure::infrastructure(format!(
            "the package index has no {shown}, which it lists"
        )));
    };
    if file
        .sha256
        .as_ref()
        .is_some_and(|promised| sha256(&bytes[..]).is_ok_and(|found| found != *promised))
    {
        let message =
            format!("{shown} is not the file that the package index lists: its SHA-256 is another");
        return Err(Failure::infrastructure(message));
    }
    let written = || {
        fs::create_dir_all(folder)?;
        let mut part = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
        part.write_all(&bytes)?;
        let path = folder.join(&file.name);
        NamedTempFile::persist(part, &path)?;
        Ok(path)
    };
    written().map_err(|error: std::io::Error| {
        Failure::infrastructure(format!("could not write {}", folder.display())).because(&error)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// An index on this machine that lists one project, with the SHA-256 of its one file: its address, and how often it
    /// was asked.
    async fn serve(digest: &str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, digest) = (asked.clone(), digest.to_owned());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                // `me:secret`, of the page and of the file beside it.
                let is_known = request.contains("Basic bWU6c2VjcmV0");
                let (status, body) = match request.split_whitespace().nth(1) {
                    _ if !is_known => ("401 Unauthorized", String::new()),
                    Some("/simple/shop/") => (
                        "200 OK",
                        format!(
                            "<html><a href='/f/shop-1.1.tar.gz#sha256={digest}'>shop-1.1.tar.gz</a></html>"
                        ),
                    ),
                    Some("/f/shop-1.1.tar.gz") => ("200 OK", "a release".to_owned()),
                    _ => ("404 Not Found", String::new()),
                };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (format!("http://me:secret@{address}/simple"), asked)
    }

    async fn fetch(index: &str, release: &str, folder: &Path) -> Result<PathBuf, Failure> {
        let indexes = Indexes::new(Some(index), &[], |_| None);
        let python = "3.11".parse().unwrap();
        indexes.fetch(&Http::direct(), &release.parse().unwrap(), python, folder).await
    }

    #[tokio::test]
    async fn a_release_is_fetched_once_with_the_log_in_of_its_index() {
        let digest = sha256(&b"a release"[..]).unwrap();
        let (index, asked) = serve(&digest).await;
        let folder = tempfile::tempdir().unwrap();
        let path = fetch(&index, "Shop==1.1.0", folder.path()).await.unwrap();
        assert!(path.ends_with("shop-1.1.tar.gz"), "{}", path.display());
        assert_eq!(fs::read(&path).unwrap(), b"a release");
        let before = asked.load(Ordering::SeqCst);
        assert_eq!(fetch(&index, "shop==1.1.0", folder.path()).await.unwrap(), path);
        assert_eq!(asked.load(Ordering::SeqCst), before);
        // Nobody's log-in is in an error.
        let missing = fetch(&index, "shop==1.2", folder.path()).await.unwrap_err();
        assert!(missing.message.starts_with("shop==1.2 is not at http://***@"), "{missing:?}");
        assert_eq!(missing.hints, ["there are, the newest first: 1.1"]);
        let stranger = fetch(&index.replace("secret", "wrong"), "shop==1.2", folder.path()).await;
        let stranger = format!("{:?}", stranger.unwrap_err());
        assert!(stranger.contains("401 Unauthorized") && !stranger.contains("wrong"), "{stranger}");
    }

    #[tokio::test]
    async fn another_file_than_the_one_that_is_listed_is_not_kept() {
        let (index, _) = serve(&"0".repeat(64)).await;
        let folder = tempfile::tempdir().unwrap();
        let failure = fetch(&index, "shop==1.1", folder.path()).await.unwrap_err();
        assert!(failure.message.ends_with("its SHA-256 is another"), "{failure:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_indexes_are_those_that_pip_and_uv_would_ask() {
        let of = |own: Option<&str>, extra: &[String], variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Indexes::new(own, extra, variable).0.join(" ")
        };
        assert_eq!(of(None, &[], &[]), USUAL_INDEX);
        let variables =
            [("PIP_INDEX_URL", "https://a"), ("PIP_EXTRA_INDEX_URL", "https://b https://c")];
        assert_eq!(of(None, &[], &variables), "https://a https://b https://c");
        let extra = ["https://e".to_owned()];
        assert_eq!(of(Some("https://d"), &extra, &variables[..1]), "https://d https://e");
    }
}
