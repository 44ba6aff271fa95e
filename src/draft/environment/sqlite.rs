//! Databases in files, as `SQLAlchemy` writes their addresses: their folders live on across releases.

use std::sync::LazyLock;

use regex::Regex;

use super::{Environment, Surroundings};
use crate::draft::questions::Asked;

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

    /// The folders of absolute addresses.
    pub(super) fn sqlite_files(&mut self, around: Surroundings<'_>) {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"["']sqlite:///(/[\w./-]+)/[\w.-]+["']"#).expect("a constant pattern")
        });
        for source in around.sources.of_app() {
            for found in ADDRESS.captures_iter(&source.text) {
                let folder = &found[1];
                let is_of_the_system =
                    ["/tmp", "/var/tmp", "/dev"].iter().any(|own| folder.starts_with(own));
                if !is_of_the_system && !folder.contains("..") && folder != "/path/to" {
                    self.data.insert(folder.to_owned());
                }
            }
        }
    }
}
