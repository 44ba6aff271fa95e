//! What writes down what the release touches, in the one rehearsal that observes that.

use crate::replica::added;
use crate::replica::paths;
use crate::replica::spec::{FileEntry, folder};
use crate::replica::template::built_in;
use crate::site::Site;

/// The module, what has every Python of the release's environment load it, and where it writes.
#[must_use]
pub(in crate::replica) fn observing_files(site: &Site) -> Vec<FileEntry> {
    let packages = format!("{}/lib/python{}/site-packages", site.venv().display(), site.python);
    let module = added::OBSERVER.text;
    vec![
        folder(paths::OBSERVED, 0o755).of(site.login()),
        FileEntry::new(
            format!("{packages}/{module}.py"),
            0o644,
            built_in(&format!("observe/{module}.py")),
        ),
        FileEntry::new(format!("{packages}/{module}.pth"), 0o644, format!("import {module}\n")),
    ]
}
