//! Requirements files with everything that they include: read once, carried along as they are.
//!
//! What is read here is what decides which files an image needs, whether an installer has to insist
//! on hashes, and which distributions are pinned; the rest is the installer's affair.

mod line;
mod lock;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use super::masked::masked;
use line::{Line, Requirement, Statement, is_of_this_machine, lines};

use lock::{Beside, Tool};

pub use line::normalised;
pub use unread::Unread;

/// The most files that one leads to.
const MOST_FILES: usize = 200;

/// A requirements file, and every file that it includes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequirementFiles {
    /// The name of the first file, from the root that all names are of; that of a lock has `.txt` behind it.
    pub main: String,
    /// By name.
    files: BTreeMap<String, RequirementFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RequirementFile {
    content: Vec<u8>,
    lines: Vec<Line>,
}

/// What is wrong in one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    pub file: String,
    /// Counted from one; zero means the file as a whole.
    pub line: usize,
    pub message: String,
    pub hint: Option<String>,
}

impl RequirementFiles {
    /// Reads a file and what it includes; `read` is given names from the root. A lock of uv, Poetry, PDM or
    /// pipenv, or a `pylock.toml`, becomes requirements, with those of the release's `extras`
    /// (normalised).
    ///
    /// # Errors
    /// Everything that cannot be carried along: files that are not there, loops, paths that leave
    /// the root, and requirements that only the writer's machine has.
    pub fn read(
        main: &str,
        extras: &BTreeSet<String>,
        read: &mut dyn FnMut(&str) -> Result<Vec<u8>, Unread>,
    ) -> Result<Self, Vec<FileProblem>> {
        let mut reader = Reader {
            read,
            found: RequirementFiles { main: main.to_owned(), files: BTreeMap::new() },
            under_way: Vec::new(),
            problems: Vec::new(),
        };
        let begun = match Tool::of(main) {
            Some(tool) => reader.lock(tool, main, extras),
            None => reader.file(main),
        };
        if let Err((message, hint)) = begun {
            let file = main.to_owned();
            reader.problems.push(FileProblem { file, line: 0, message, hint });
        }
        if reader.problems.is_empty() { Ok(reader.found) } else { Err(reader.problems) }
    }

    /// The names and contents of all files, for an image; what names the release itself is left
    /// out, since it is installed from its own file.
    #[must_use]
    pub fn without(&self, release: Option<&str>) -> Vec<(&str, Vec<u8>)> {
        let release = release.map(normalised);
        let files = self.files.iter().map(|(name, file)| {
            let own: Vec<&Line> = file
                .lines
                .iter()
                .filter(|line| of(line).is_some_and(|it| it.name.is_some() && it.name == release))
                .collect();
            if own.is_empty() {
                return (name.as_str(), file.content.clone());
            }
            let text = String::from_utf8_lossy(&file.content);
            let kept = text.lines().enumerate().map(|(index, line)| {
                let is_own = own.iter().any(|own| (own.first..=own.last).contains(&(index + 1)));
                if is_own { "\n".to_owned() } else { format!("{line}\n") }
            });
            (name.as_str(), kept.collect::<String>().into_bytes())
        });
        files.collect()
    }

    /// The first file.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.files.get(&self.main).map_or(&[], |file| &file.content)
    }

    /// The names of the files, from the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether an installer with pip's rules insists on a hash for everything.
    #[must_use]
    pub fn require_hashes(&self) -> bool {
        self.lines().any(|line| {
            line.statement == Statement::RequireHashes || of(line).is_some_and(|it| it.has_hashes)
        })
    }

    /// Whether a file allows versions before the final ones.
    #[must_use]
    pub fn allow_pre(&self) -> bool {
        self.lines().any(|line| line.statement == Statement::Pre)
    }

    /// The distributions of which one version alone is admitted, normalised.
    #[must_use]
    pub fn pinned(&self) -> BTreeSet<String> {
        let pinned = self.lines().filter_map(of).filter(|it| it.is_pinned);
        pinned.filter_map(|it| it.name.clone()).collect()
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.files.values().flat_map(|file| &file.lines)
    }
}

/// The name of a requirement's distribution, normalised, and whether one version alone is admitted.
#[must_use]
pub fn named(requirement: &str) -> Option<(String, bool)> {
    let lines = lines(requirement);
    let it = of(lines.first()?)?;
    Some((it.name.clone()?, it.is_pinned))
}

fn of(line: &Line) -> Option<&Requirement> {
    match &line.statement {
        Statement::Requirement(requirement) => Some(requirement),
        _ => None,
    }
}

struct Reader<'a> {
    read: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, Unread>,
    found: RequirementFiles,
    under_way: Vec<String>,
    problems: Vec<FileProblem>,
}

impl Reader<'_> {
    /// The lock as requirements: under a name that no installer takes for the lock itself.
    fn lock(&mut self, tool: Tool, name: &str, extras: &BTreeSet<String>) -> Result<(), Unread> {
        let content = (self.read)(name)?;
        let folder =
            name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let mut read = |other: &str| (self.read)(&format!("{folder}{other}"));
        let content = tool.requirements(&content, &mut Beside { extras, read: &mut read })?;
        let lines = lines(&String::from_utf8_lossy(&content));
        self.found.main = format!("{name}.txt");
        self.found.files.insert(self.found.main.clone(), RequirementFile { content, lines });
        Ok(())
    }

    fn file(&mut self, name: &str) -> Result<(), Unread> {
        if self.found.files.contains_key(name) {
            return Ok(());
        }
        if self.found.files.len() >= MOST_FILES {
            let message = format!("it leads to more than {MOST_FILES} files");
            return Err((message, Some("put them together".to_owned())));
        }
        let content = (self.read)(name)?;
        let lines = lines(&String::from_utf8_lossy(&content));
        self.found.files.insert(name.to_owned(), RequirementFile { content, lines: lines.clone() });
        self.under_way.push(name.to_owned());
        for line in &lines {
            if let Err((message, hint)) = self.line(name, line) {
                let file = name.to_owned();
                self.problems.push(FileProblem { file, line: line.first, message, hint });
            }
        }
        self.under_way.pop();
        Ok(())
    }

    fn line(&mut self, file: &str, line: &Line) -> Result<(), Unread> {
        match &line.statement {
            Statement::Requirements(path) | Statement::Constraints(path) => {
                self.include(file, path)
            }
            Statement::Editable(path) if is_of_this_machine(path) => {
                Err(local(&format!("-e {path}")))
            }
            Statement::FindLinks(path) if is_of_this_machine(path) => {
                let message = format!("`{path}` is a folder of the machine that installs");
                Err((message, Some("name the folder of wheels as `install.wheels`".to_owned())))
            }
            Statement::Requirement(it) if it.is_local => Err(local(&it.text)),
            _ => Ok(()),
        }
    }

    fn include(&mut self, file: &str, path: &str) -> Result<(), Unread> {
        if path.contains("://") || path.starts_with("file:") {
            let hint = "copy it beside this file, and include it from there".to_owned();
            return Err((format!("`{}` is not a file of the project", masked(path)), Some(hint)));
        }
        let name = resolve_path(file, path)?;
        if self.under_way.contains(&name) {
            let chain = self.under_way.iter().skip_while(|other| **other != name);
            let chain: Vec<&str> = chain.map(String::as_str).chain([&*name]).collect();
            return Err((format!("the files include each other: {}", chain.join(" -> ")), None));
        }
        self.file(&name)
    }
}

fn local(what: &str) -> Unread {
    let hint = "leave the line out if it is the release itself, which is installed from its own \
                file; else build a wheel of it into a folder, and name that as `install.wheels`";
    (format!("`{what}` is a path, which the site does not have"), Some(hint.to_owned()))
}

/// A path as it is written in a file, from the root.
fn resolve_path(file: &str, path: &str) -> Result<String, Unread> {
    if path.is_empty() {
        return Err(("no file is named".to_owned(), None));
    }
    if path.starts_with(['/', '~']) {
        let hint = "write a path from this file's folder".to_owned();
        return Err((format!("`{path}` is an absolute path"), Some(hint)));
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    let hint = "copy what is needed into the project".to_owned();
                    return Err((format!("`{path}` leads out of the project"), Some(hint)));
                }
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<RequirementFiles, Vec<FileProblem>> {
        RequirementFiles::read(files[0].0, &BTreeSet::new(), &mut |name| {
            let found = files.iter().find(|(other, _)| *other == name);
            found
                .map(|(_, text)| text.as_bytes().to_vec())
                .ok_or_else(|| (format!("there is no file `{name}`"), None))
        })
    }

    fn problems(files: &[(&str, &str)]) -> String {
        let format_problem = |problem: FileProblem| {
            let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}:{}: {}{hint}\n", problem.file, problem.line, problem.message)
        };
        read(files).unwrap_err().into_iter().map(format_problem).collect()
    }

    #[test]
    fn included_files_are_carried_along_from_where_they_are_named() {
        let found = read(&[
            ("requirements/production.txt", "-r base.txt\n-c ../limits/all.txt\ngunicorn==23.0\n"),
            ("requirements/base.txt", "-r ./nested/deep.txt\nflask\n"),
            ("requirements/nested/deep.txt", "-c ../../limits/all.txt\nredis==7 --hash=sha256:0\n"),
            ("limits/all.txt", "--pre\nDjango==5\nclick<9\n"),
            ("not/named.txt", ""),
        ])
        .unwrap();
        assert_eq!(found.names().count(), 4);
        assert_eq!(found.pinned().into_iter().collect::<Vec<_>>(), ["django", "gunicorn", "redis"]);
        assert!(found.require_hashes() && found.allow_pre());
        let plain = read(&[("a.txt", "flask\n")]).unwrap();
        assert!(!plain.require_hashes() && !plain.allow_pre());
        assert!(read(&[("a.txt", "--require-hashes\nflask\n")]).unwrap().require_hashes());
    }

    #[test]
    fn what_cannot_be_carried_along_is_named_with_its_line() {
        insta::assert_snapshot!(problems(&[
            ("r/a.txt", "# all\n-r b.txt\n-r none.txt\n-e .\n./lib\nx @ file:///home/x\n\
                         -r https://x.example/r.txt\n-f wheels\n-r /etc/r.txt\n-r\n"),
            ("r/b.txt", "flask\n-c ../../c.txt\n-c ../d.txt\n"),
            ("d.txt", "-r r/b.txt\n"),
        ]), @"
        r/b.txt:2: `../../c.txt` leads out of the project (copy what is needed into the project)
        d.txt:1: the files include each other: r/b.txt -> d.txt -> r/b.txt
        r/a.txt:3: there is no file `r/none.txt`
        r/a.txt:4: `-e .` is a path, which the site does not have (leave the line out if it is the release itself, which is installed from its own file; else build a wheel of it into a folder, and name that as `install.wheels`)
        r/a.txt:5: `./lib` is a path, which the site does not have (leave the line out if it is the release itself, which is installed from its own file; else build a wheel of it into a folder, and name that as `install.wheels`)
        r/a.txt:6: `x @ file:///home/x` is a path, which the site does not have (leave the line out if it is the release itself, which is installed from its own file; else build a wheel of it into a folder, and name that as `install.wheels`)
        r/a.txt:7: `https://x.example/r.txt` is not a file of the project (copy it beside this file, and include it from there)
        r/a.txt:8: `wheels` is a folder of the machine that installs (name the folder of wheels as `install.wheels`)
        r/a.txt:9: `/etc/r.txt` is an absolute path (write a path from this file's folder)
        r/a.txt:10: no file is named
        ");
        insta::assert_snapshot!(problems(&[("a.txt", "-r a.txt\n")]), @"a.txt:1: the files include each other: a.txt -> a.txt");
    }

    #[test]
    fn what_names_the_release_is_left_out_and_lines_keep_their_numbers() {
        let found = read(&[(
            "a.txt",
            "flask==3\nMy_Shop[pdf]==1.0 \\\n  --hash=sha256:00\nmy-shop-theme==1\nmy.shop @ https://x.example/a.whl\n",
        )])
        .unwrap();
        let [(name, content)] = &found.without(Some("my-shop"))[..] else { panic!("one file") };
        assert_eq!(*name, "a.txt");
        assert_eq!(std::str::from_utf8(content).unwrap(), "flask==3\n\n\nmy-shop-theme==1\n\n");
        assert_eq!(found.without(Some("other"))[0].1, found.files["a.txt"].content);
    }

    #[test]
    fn requirements_tell_their_name() {
        assert_eq!(named("Shop[pdf]==1 ; python_version > '3'"), Some(("shop".to_owned(), true)));
        assert_eq!(named("shop"), Some(("shop".to_owned(), false)));
        assert_eq!(named("https://x.example/shop.whl"), None);
    }
}
