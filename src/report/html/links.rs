//! The files of a run's folder, as the page links to them.

use std::collections::BTreeMap;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use walkdir::WalkDir;

use super::super::model::Report;
use super::part::Link;

/// How many files of a site are listed.
const MOST_FILES: usize = 100;
/// What a person wants to see first, by the beginnings of their names.
const FIRST: [&str; 4] = ["failure.txt", "suite.log", "logs/0-", "logs/"];
const LAST: [&str; 2] = ["files.json", "junit.xml"];

/// By site, the paths of its files from the site's own folder.
pub type SavedFiles = BTreeMap<String, Vec<String>>;

/// The name of the page of trends, beside the folders of the runs.
pub(in crate::report) const TRENDS: &str = "trends.html";

/// What lies beside a page, and is linked from it.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    pub files: SavedFiles,
    /// Whether the page of trends is in the folder above.
    pub trends: bool,
}

/// What lies in the folders of a report's sites.
#[must_use]
pub(in crate::report) fn saved_files(folder: &Path, report: &Report) -> SavedFiles {
    let of_site = |name: &String| {
        let folder = folder.join(name);
        let entries = WalkDir::new(&folder).max_depth(8).into_iter().filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_file());
        let paths = files.filter_map(|entry| {
            Some(entry.path().strip_prefix(&folder).ok()?.to_str()?.to_owned())
        });
        let mut paths: Vec<String> = paths.collect();
        paths.sort_by_key(|path| {
            let first = FIRST.iter().position(|start| path.starts_with(start));
            (LAST.contains(&path.as_str()), first.unwrap_or(FIRST.len()), path.clone())
        });
        paths.truncate(MOST_FILES);
        (name.clone(), paths)
    };
    report.sites.iter().map(|site| of_site(&site.name)).collect()
}

/// A link to a file of a site.
pub(super) fn link(site: &str, path: &str) -> Link {
    // With `./` in front, no name can be taken for an address elsewhere.
    let href = format!("./{}/{}", encode_path(site), encode_path(path));
    Link { href, text: path.to_owned() }
}

/// All but what a path of a URL may have.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');

/// A path as a URL has it.
pub(super) fn encode_path(path: &str) -> PercentEncode<'_> {
    utf8_percent_encode(path, ENCODED)
}
