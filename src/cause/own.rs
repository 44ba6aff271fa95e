//! Which code is the app's own.

use std::path::Path;

/// How to tell the app's own files from those of its server, its libraries and Python.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The app's home: a release that is a tree lies below it.
    pub home: String,
    /// Modules and packages of the release, as they are imported.
    pub packages: Vec<String>,
}

/// Where Python itself lives, and what no file is.
const PYTHON_S: [&str; 7] = [
    "/usr/lib/python",
    "/usr/local/lib/python",
    "/lib/python3",
    "/opt/stagectl/",
    "<frozen ",
    "<string>",
    "<stdin>",
];

impl Own {
    /// The path as the app's people know it; `None` where it is not theirs.
    pub(super) fn shorten<'a>(&self, path: &'a str) -> Option<&'a str> {
        for installed in ["/site-packages/", "/dist-packages/"] {
            if let Some((_, inner)) = path.split_once(installed) {
                let first = inner.split('/').next().unwrap_or_default();
                let module = first.strip_suffix(".py").unwrap_or(first);
                return self.packages.iter().any(|own| own == module).then_some(inner);
            }
        }
        // Compiled code names its source by the folder where it was built.
        let is_of_release = |part: &str| self.packages.iter().any(|own| own == part);
        let is_compiled = Path::new(path).extension().is_some_and(|end| end == "pyx");
        if is_compiled && !path.split('/').any(is_of_release) {
            return None;
        }
        if PYTHON_S.iter().any(|python| path.contains(python)) || path.contains("/bin/") {
            return None;
        }
        let home = self.home.trim_end_matches('/');
        let below =
            |folder: &str| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        let short =
            below(&format!("{home}/app")).or_else(|| below(home)).filter(|_| !home.is_empty());
        Some(short.unwrap_or(path))
    }
}
