//! `deploy.releases`, and what lies in the way of it.

use std::path::Path;

use super::Resolver;
use super::value::Complaint;
use crate::site::file::{DataFile, ReleasesFile, SiteFile};
use crate::site::model::Releases;
use crate::site::problem::KeyPath;

impl Resolver<'_> {
    /// `None` without it, and where its problem is reported.
    pub(super) fn releases(&mut self, file: &SiteFile) -> Option<Releases> {
        let ReleasesFile { keep } = *file.deploy.releases.as_ref()?;
        let path = KeyPath::from(["deploy", "releases"]);
        if keep == 0 {
            let complaint = Complaint::new("no release would stay");
            self.complain(&path.key("keep"), complaint.hint("the one that runs is one of them"));
        }
        if keep == 1 && file.deploy.rollback.rehearse {
            let complaint = Complaint::new("nothing is there to go back to");
            let hint =
                "`deploy.rollback.rehearse` needs the release before: keep 2, or take it out";
            self.complain(&path.key("keep"), complaint.hint(hint));
        }
        self.nothing_of_releases(file);
        Some(Releases { keep })
    }

    /// What is described in the folder of one release is not there for the next.
    fn nothing_of_releases(&mut self, file: &SiteFile) {
        let home = Path::new("/srv").join(file.user.name());
        let own = [home.join("releases"), home.join("current")];
        let data = file.data.iter().enumerate().map(|(index, folder)| {
            let at = KeyPath::from(["data"]).key(index);
            let at = if matches!(folder, DataFile::Described(_)) { at.key("path") } else { at };
            (at, folder.path())
        });
        let files = file.files.iter().enumerate().map(|(index, file)| {
            (KeyPath::from(["files"]).key(index).key("path"), file.path.as_deref())
        });
        for (at, path) in data.chain(files).collect::<Vec<_>>() {
            let Some(path) = path else { continue };
            if own.iter().any(|own| Path::new(path).starts_with(own)) {
                let message =
                    format!("`{path}` is in the folder of one release, and the next has another");
                let shared = home.join("shared");
                let hint = format!(
                    "describe it below `{}`, and let a deploy step link it where the app looks",
                    shared.display()
                );
                self.complain(&at, Complaint::new(message).hint(hint));
            }
        }
    }
}
