//! A folder that packages are taken from, and which of them.

use std::collections::BTreeSet;

use super::names;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    /// From the project's folder; empty for that itself.
    folder: String,
    /// The package that the folder becomes; empty where packages lie in it.
    package: String,
    taken: Taken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Taken {
    All,
    /// The outermost packages and modules, with all that is below them.
    Tops(BTreeSet<String>),
    /// Packages by their dotted names, without those below them; modules beside packages.
    Exactly {
        packages: BTreeSet<String>,
        modules: BTreeSet<String>,
    },
}

impl Root {
    pub(super) fn all(folder: &str) -> Self {
        Root { folder: clean(folder), package: String::new(), taken: Taken::All }
    }

    pub(super) fn tops(folder: &str, tops: impl IntoIterator<Item = String>) -> Self {
        Root { taken: Taken::Tops(tops.into_iter().collect()), ..Root::all(folder) }
    }

    pub(super) fn exactly(
        folder: &str,
        packages: impl IntoIterator<Item = String>,
        modules: impl IntoIterator<Item = String>,
    ) -> Self {
        let packages = packages.into_iter().collect();
        let modules = modules.into_iter().collect();
        Root { taken: Taken::Exactly { packages, modules }, ..Root::all(folder) }
    }

    /// The same of a folder that is itself the package.
    pub(super) fn becoming(self, package: &str) -> Self {
        Root { package: package.to_owned(), ..self }
    }

    /// What the file is imported as, if it is taken.
    pub(super) fn module(&self, file: &str) -> Option<String> {
        let below = if self.folder.is_empty() {
            file
        } else {
            file.strip_prefix(&self.folder)?.strip_prefix('/')?
        };
        let module = if self.package.is_empty() {
            names::module(below)?
        } else {
            names::module(&format!("{}/{below}", self.package.replace('.', "/")))?
        };
        let is_init = file.ends_with("/__init__.py");
        let is_taken = match &self.taken {
            Taken::All => true,
            Taken::Tops(tops) => tops.contains(module.split('.').next()?),
            Taken::Exactly { packages, modules } => match module.rsplit_once('.') {
                _ if is_init => packages.contains(&module),
                Some((package, _)) => packages.contains(package),
                None => modules.contains(&module),
            },
        };
        is_taken.then_some(module)
    }
}

/// `./src/` is `src`.
fn clean(folder: &str) -> String {
    let folder = folder.trim_start_matches("./").trim_matches('/');
    if folder == "." { String::new() } else { folder.to_owned() }
}
