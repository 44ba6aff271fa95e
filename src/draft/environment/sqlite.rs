//! Databases in files, as `SQLAlchemy` writes their addresses: their folders live on across releases.

use std::sync::LazyLock;

use regex::Regex;

use super::worked_out::worked_out;
use super::{Environment, Surroundings};
use crate::draft::questions::Asked;
use crate::python::expression;

impl Environment {
    /// A variable whose default is a file in the folder of whoever starts the app: on the site it lies where
    /// releases do not take it away.
    pub(super) fn sqlite(&mut self, around: Surroundings<'_>, asked: &Asked, place: &str) -> bool {
        let Some(path) = asked.default.as_deref().and_then(|url| url.strip_prefix("sqlite:///"))
        else {
            return false;
        };
        if path.is_empty() || path.starts_with(['/', ':']) || path.contains(['{', '%', '?']) {
            return false;
        }
        let file = path.rsplit('/').next().unwrap_or(path);
        let folder = format!("/srv/{}/data", around.user);
        self.set(
            &asked.name,
            &format!("sqlite:///{folder}/{file}"),
            &format!("asked for in {place}"),
        );
        self.data.insert(folder);
        true
    }

    /// The folders of absolute addresses, written or worked out: the app does not always make its own.
    pub(super) fn sqlite_files(&mut self, around: Surroundings<'_>) {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"["']sqlite:///(/[\w./-]+/[\w.-]+)["']|["']sqlite:///["']\s*\+\s*"#)
                .expect("a constant pattern")
        });
        let home = format!("/srv/{}", around.user);
        for source in around.sources.of_app() {
            for found in ADDRESS.captures_iter(&source.text) {
                let end = found.get(0).map_or(0, |whole| whole.end());
                let file = found
                    .get(1)
                    .map(|path| path.as_str().to_owned())
                    .or_else(|| worked_out(&source.text, expression(&source.text[end..]), &home));
                let Some((folder, _)) = file.as_deref().and_then(|path| path.rsplit_once('/'))
                else {
                    continue;
                };
                let is_there = ["", "/tmp", "/var/tmp", &home].contains(&folder);
                let is_of_the_system = folder.starts_with("/dev") || !folder.starts_with('/');
                if is_there || is_of_the_system || folder.contains("..") || folder == "/path/to" {
                    continue;
                }
                if folder.starts_with("/tmp/") || folder.starts_with("/var/tmp/") {
                    let place = source.display_path();
                    self.notes.push(format!(
                        "{place} keeps its database in {folder}, which nobody keeps for long: give it the \
                         folder of the live site"
                    ));
                }
                self.data.insert(folder.to_owned());
            }
        }
    }
}
