//! The built-in templates, a project's overrides of them, and how both are rendered.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::bounded;
use crate::failure::Failure;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The most bytes of a template, before it is rendered.
const LARGEST: u64 = 1 << 20;
/// What rendering may cost: one for each instruction, and for each 64 bytes that it makes.
const FUEL: u64 = 1_000_000;

/// Folders of which a project may bring its own version; the rest is stagectl's own machinery.
const REPLACEABLE: [&str; 3] = ["proxy/", "wsgi/", "image/"];

/// What templates of config files may use.
const FILE_VALUES: &str =
    "`site` (name, url, host, home, user), `names`, `env`, `secret`, `services`";

/// Values for a template, each by its name: `context! { packages, user => site.user }`.
macro_rules! context {
    (@value $key:ident) => { serde_json::to_value(&$key).unwrap_or_default() };
    (@value $key:ident, $value:expr) => { serde_json::to_value(&$value).unwrap_or_default() };
    ($($key:ident $(=> $value:expr)?),* $(,)?) => {{
        let mut map = serde_json::Map::new();
        $(map.insert(stringify!($key).to_owned(), context!(@value $key $(, $value)?));)*
        serde_json::Value::Object(map)
    }};
}
pub(super) use context;

/// Finds and renders templates: the project's before the built-in ones.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    overrides: Option<PathBuf>,
}

impl Templates {
    /// `overrides` is the project's `templates/` folder.
    #[must_use]
    pub fn new(overrides: Option<PathBuf>) -> Self {
        Templates { overrides }
    }

    /// Renders `proxy/nginx.conf.j2` and the like.
    ///
    /// # Errors
    /// Usage: an override that does not parse, or uses a variable that is not there.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Failure> {
        if let Some(file) = self.override_of(name) {
            self.stays_in_project(&file)?;
            let text = bounded::read_text(&file, LARGEST).map_err(|error| {
                Failure::usage(format!("could not read template {}", file.display()))
                    .because(&error)
            })?;
            return render(&file.display().to_string(), &text, context);
        }
        render(name, built_in(name), context)
    }

    /// What the folder's own files may be links to is in the project.
    fn stays_in_project(&self, file: &Path) -> Result<(), Failure> {
        let project = self.overrides.as_deref().and_then(Path::parent);
        let [Some(project), Some(real)] =
            [project, Some(file)].map(|path| path?.canonicalize().ok())
        else {
            // Reading it says why.
            return Ok(());
        };
        if real.starts_with(project) {
            return Ok(());
        }
        let message = format!("could not read template {}", file.display());
        Err(Failure::usage(message)
            .cause("it is a link that leads out of the project")
            .hint("copy what is needed into the project"))
    }

    fn override_of(&self, name: &str) -> Option<PathBuf> {
        if !REPLACEABLE.iter().any(|folder| name.starts_with(folder)) {
            return None;
        }
        let file = self.overrides.as_ref()?.join(name);
        // A link that leads nowhere was meant to be one, too.
        file.symlink_metadata().is_ok().then_some(file)
    }
}

/// Renders a template that a description names.
///
/// # Errors
/// Usage, with file and line.
pub(super) fn render_file(file: &Path, context: impl Serialize) -> Result<String, Failure> {
    let text = bounded::read_text(file, LARGEST).map_err(|error| {
        Failure::usage(format!("could not read template {}", file.display())).because(&error)
    })?;
    render(&file.display().to_string(), &text, context)
        .map_err(|failure| failure.hint(format!("a template has {FILE_VALUES}")))
}

/// A built-in file as it is.
///
/// # Panics
/// When stagectl was built without it.
#[must_use]
pub fn built_in(name: &str) -> &'static str {
    BUILT_IN
        .get_file(name)
        .and_then(include_dir::File::contents_utf8)
        .unwrap_or_else(|| panic!("no built-in template {name}"))
}

/// All built-in files below a folder, by their path from it, in the order of their names.
#[must_use]
pub(super) fn built_in_folder(folder: &str) -> Vec<(String, &'static str)> {
    let mut files: Vec<_> = BUILT_IN
        .get_dir(folder)
        .into_iter()
        .flat_map(files_below)
        .filter_map(|file| {
            let name = file.path().strip_prefix(folder).ok()?.display().to_string();
            Some((name, file.contents_utf8()?))
        })
        .collect();
    files.sort_unstable();
    files
}

fn files_below(folder: &'static Dir<'static>) -> Vec<&'static include_dir::File<'static>> {
    folder.files().chain(folder.dirs().flat_map(files_below)).collect()
}

fn render(name: &str, text: &str, context: impl Serialize) -> Result<String, Failure> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| Failure::bug("could not configure the templates").because(&error))?;
    environment.set_syntax(syntax);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("quote", |text: String| shell_quote(&text));
    environment.render_named_str(name, text, Serde(context)).map_err(|error| {
        let line = error.line().map_or(String::new(), |line| format!(":{line}"));
        Failure::usage(format!("could not render template {name}{line}"))
            .cause(error.detail().map_or_else(|| error.to_string(), str::to_owned))
    })
}

/// A word as a POSIX shell reads it back unchanged.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_named_with_its_line() {
        let failure = render("a.ini.j2", "x = 1\ny = {{ nope }}\n", ()).unwrap_err();
        assert_eq!(failure.message, "could not render template a.ini.j2:2");
    }

    #[test]
    fn a_template_costs_a_bounded_time_and_memory() {
        let doubled = "{% set x = x ~ x %}".repeat(60);
        for text in [
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
            "{{ 'x' * 100000000000 }}",
            &format!("{{% set x = 'xxxxxxxx' %}}{doubled}"),
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        ] {
            let failure = render("a.ini.j2", text, ()).unwrap_err();
            assert!(
                failure.message.starts_with("could not render template a.ini.j2"),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn a_template_of_the_project_is_a_file_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        std::fs::create_dir_all(project.join("templates/proxy")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let own = project.join("templates/proxy/nginx.conf.j2");
        let templates = Templates::new(Some(project.join("templates")));
        let refused = |text: &str| {
            let failure =
                templates.render("proxy/nginx.conf.j2", context! { user => "a" }).unwrap_err();
            assert!(failure.message.contains("templates/proxy/nginx.conf.j2"), "{failure:?}");
            assert_eq!(failure.causes, [text]);
        };
        std::os::unix::fs::symlink("../../../secret", &own).unwrap();
        refused("it is a link that leads out of the project");
        std::fs::remove_file(&own).unwrap();
        std::os::unix::fs::symlink("nothing", &own).unwrap();
        refused("No such file or directory (os error 2)");
        std::fs::remove_file(&own).unwrap();
        std::fs::File::create(&own).unwrap().set_len(LARGEST + 1).unwrap();
        refused("it is larger than 1.0 MiB");
    }

    #[test]
    fn a_project_s_own_template_stands_in_for_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proxy")).unwrap();
        std::fs::write(folder.path().join("proxy/nginx.conf.j2"), "name {{ user }};\n").unwrap();
        let templates = Templates::new(Some(folder.path().to_owned()));
        let own = templates.render("proxy/nginx.conf.j2", context! { user => "a" });
        assert_eq!(own.unwrap(), "name a;\n");
        let ports = context! { tls => false, plain_http => "serve" };
        let built_in = templates.render("proxy/apache-ports.conf.j2", ports);
        assert_eq!(built_in.unwrap(), "Listen 80\n");
    }

    #[test]
    fn words_are_quoted_only_where_needed() {
        assert_eq!(shell_quote("a-b/c"), "a-b/c");
        assert_eq!(shell_quote("it's"), r"'it'\''s'");
        assert_eq!(shell_quote(""), "''");
    }
}
