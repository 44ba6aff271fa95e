//! What the build tools beside setuptools package: Poetry, Hatch, Flit, PDM and uv.

use toml::Value;

use super::names::{self, Which};
use super::root::Root;
use super::{Packaging, Project, Surely};

const PYPROJECT: &str = "pyproject.toml";

impl Project<'_> {
    /// <https://python-poetry.org/docs/pyproject/#packages>
    pub(super) fn poetry(&self) -> Option<Packaging> {
        let tool = ["tool", "poetry", "packages"];
        let Some(packages) = self.value(&tool).and_then(Value::as_array) else {
            let name = self.text(&["project", "name"]).or(self.text(&["tool", "poetry", "name"]))?;
            return self.named(name);
        };
        let roots = packages.iter().filter_map(|entry| {
            let include = entry.get("include")?.as_str()?;
            let from = entry.get("from").and_then(Value::as_str).unwrap_or_default();
            let top = include.split('/').next()?.trim_end_matches(".py").to_owned();
            Some(if top == "*" || top == "**" { Root::all(from) } else { Root::tops(from, [top]) })
        });
        Some(known(roots.collect()))
    }

    /// <https://hatch.pypa.io/latest/plugins/builder/wheel/#default-file-selection>
    pub(super) fn hatch(&self) -> Option<Packaging> {
        let wheel = ["tool", "hatch", "build", "targets", "wheel"];
        let build = ["tool", "hatch", "build"];
        let of = |key: &str| {
            let here = |base: &[&str]| self.texts(&[base, &[key]].concat());
            here(&wheel).or_else(|| here(&build))
        };
        let is_moved = [&wheel[..], &build[..]].iter().any(|base| {
            ["sources", "force-include"]
                .iter()
                .any(|key| self.value(&[*base, &[*key]].concat()).is_some())
        });
        let surely = if is_moved { Surely::Guessed } else { Surely::Known };
        if let Some(packages) = of("packages") {
            let roots = packages.iter().map(|path| {
                let path = path.trim_matches('/').trim_start_matches("./");
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                Root::tops(folder, [name.trim_end_matches(".py").to_owned()])
            });
            return Some(Packaging { roots: roots.collect(), surely, said_by: PYPROJECT });
        }
        let chosen = of("only-include").or_else(|| of("include"));
        if let Some(paths) = chosen {
            let tops = paths.iter().filter_map(|path| {
                let path = path.trim_start_matches(['/', '.']);
                Some(path.split('/').next()?.trim_end_matches(".py").to_owned())
            });
            let roots = vec![Root::tops("", tops), Root::all("src")];
            return Some(Packaging { roots, surely: Surely::Guessed, said_by: PYPROJECT });
        }
        let mut found = self.named(self.text(&["project", "name"])?)?;
        found.surely = surely;
        Some(found)
    }

    /// <https://flit.pypa.io/en/stable/pyproject_toml.html>
    pub(super) fn flit(&self) -> Option<Packaging> {
        let module = self.text(&["tool", "flit", "module", "name"]);
        let module = module.or_else(|| self.text(&["tool", "flit", "metadata", "module"]));
        self.named(module.or_else(|| self.text(&["project", "name"]))?)
    }

    /// <https://backend.pdm-project.org/build_config/>
    pub(super) fn pdm(&self) -> Packaging {
        let own = self.text(&["tool", "pdm", "build", "package-dir"]);
        let folder = own.unwrap_or(if self.has_folder("src") { "src" } else { "" });
        if let Some(includes) = self.texts(&["tool", "pdm", "build", "includes"]) {
            let tops = includes.iter().filter_map(|path| {
                let path = path.trim_start_matches("./");
                let below = path.strip_prefix(&format!("{folder}/")).unwrap_or(path);
                Some(below.split('/').next()?.trim_end_matches(".py").to_owned())
            });
            return known(vec![Root::tops(folder, tops)]);
        }
        let packages = names::packages(self.files, folder, Which::Regular);
        let tops = packages.into_iter().filter(|name| !name.contains('.') && name != "tests");
        known(vec![Root::tops(folder, tops)])
    }

    /// <https://docs.astral.sh/uv/concepts/build-backend/>
    pub(super) fn uv(&self) -> Option<Packaging> {
        let of = |key: &str| self.value(&["tool", "uv", "build-backend", key]);
        let folder = of("module-root").and_then(Value::as_str).unwrap_or("src");
        let names: Vec<String> = match of("module-name") {
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) => {
                names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
            }
            _ => vec![names::of_distribution(self.text(&["project", "name"])?).to_lowercase()],
        };
        let tops = names.iter().filter_map(|name| Some(name.split('.').next()?.to_owned()));
        Some(known(vec![Root::tops(folder, tops)]))
    }

    /// The package that is called as the distribution is, at the root or below `src`.
    fn named(&self, name: &str) -> Option<Packaging> {
        let wanted = names::of_distribution(name);
        let is_it = |top: &str| top.eq_ignore_ascii_case(&wanted);
        for folder in ["src", ""] {
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let below = self.files.iter().filter_map(|file| file.strip_prefix(&prefix));
            let found = below
                .filter(|file| names::module(file).is_some())
                .map(|file| file.split('/').next().unwrap_or(file).trim_end_matches(".py"))
                .find(|top| is_it(top));
            if let Some(top) = found {
                return Some(known(vec![Root::tops(folder, [top.to_owned()])]));
            }
        }
        None
    }
}

fn known(roots: Vec<Root>) -> Packaging {
    Packaging { roots, surely: Surely::Known, said_by: PYPROJECT }
}
