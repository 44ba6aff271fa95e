//! A Markdown document as the tests see it: its blocks of code, the code in its text, its links.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Documents beside the README.
const AT_ROOT: [&str; 4] = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

pub(crate) struct Document {
    /// From the project's root.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A fenced block of code.
pub(crate) struct Block {
    /// `docs/ci.md:12`: for messages.
    pub(crate) place: String,
    pub(crate) language: String,
    pub(crate) code: String,
}

impl Document {
    pub(crate) fn read(path: &str) -> Document {
        let text = fs::read_to_string(root().join(path)).unwrap();
        Document { path: path.into(), text }
    }

    /// What lies at the root and in `docs/`, but for the single decisions: those are history.
    pub(crate) fn all() -> Vec<Document> {
        let mut documents: Vec<Document> = AT_ROOT.into_iter().map(Document::read).collect();
        documents.push(Document::read("docs/decisions/README.md"));
        for entry in fs::read_dir(root().join("docs")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                documents.push(Document::read(&format!("docs/{name}")));
            }
        }
        documents
    }

    /// Its lines with their numbers, and the language of the block that they are in.
    fn lines(&self) -> Vec<(usize, Option<String>, &str)> {
        let mut inside: Option<String> = None;
        let mut lines = Vec::new();
        for (index, line) in self.text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                inside = if inside.is_some() { None } else { Some(language.trim().to_owned()) };
                lines.push((index + 1, None, ""));
            } else {
                lines.push((index + 1, inside.clone(), line));
            }
        }
        assert!(inside.is_none(), "{}: a block has no end", self.path.display());
        lines
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut is_new = true;
        for (number, language, line) in self.lines() {
            let Some(language) = language else {
                is_new = true;
                continue;
            };
            if is_new {
                let place = format!("{}:{number}", self.path.display());
                blocks.push(Block { place, language, code: String::new() });
                is_new = false;
            }
            let block = blocks.last_mut().unwrap();
            block.code.push_str(line);
            block.code.push('\n');
        }
        blocks
    }

    /// What is not in blocks.
    pub(crate) fn prose(&self) -> String {
        let outside = self.lines().into_iter().filter(|(_, block, _)| block.is_none());
        outside.flat_map(|(_, _, line)| [line, "\n"]).collect()
    }

    /// The pieces of code inside the text.
    pub(crate) fn spans(&self) -> Vec<String> {
        let prose = self.prose();
        let mut spans = Vec::new();
        // A paragraph has pairs of backticks; a stray one must not turn the rest around.
        for paragraph in prose.split("\n\n") {
            spans.extend(
                paragraph.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")),
            );
        }
        spans
    }

    /// Where its links lead, those to the web left out.
    pub(crate) fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        targets
            .map(|(target, _)| target.to_owned())
            .filter(|target| !target.starts_with("http"))
            .collect()
    }

    /// Its headings as links name them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|heading| {
                let text = heading.trim_start_matches('#').trim().to_lowercase();
                let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                kept.collect::<String>().replace(' ', "-")
            })
            .collect()
    }

    /// The lines of a section, without its subsections' headings.
    pub(crate) fn section(&self, heading: &str) -> String {
        let start = self.text.find(&format!("\n{heading}\n")).unwrap_or_else(|| {
            panic!("{} has no section `{heading}`", self.path.display());
        });
        let rest = &self.text[start + heading.len() + 2..];
        rest.split("\n## ").next().unwrap_or(rest).to_owned()
    }
}
