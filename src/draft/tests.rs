//! Whole projects, the descriptions made of them, and that each of them is one without a problem.

use insta::assert_snapshot;

use super::*;
use crate::site::Project;

fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("shop");
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (folder, root)
}

/// The draft of a project, loaded as a description.
fn drafted(files: &[(&str, &str)]) -> Draft {
    let (_folder, root) = project(files);
    let findings = Findings::of(&root);
    let name = findings.names.first().map_or("www.shop.example", String::as_str);
    let wishes = Wishes {
        site: "site-a".parse().unwrap(),
        name: name.parse().unwrap(),
        debian: findings.debian.clone(),
    };
    let draft = findings.draft(&wishes);
    write(&root, &draft.files).unwrap();
    let loaded = Project::load(&root, |_| None);
    assert!(loaded.is_ok(), "{}\n{}", loaded.unwrap_err(), text(&draft, "defaults"));
    draft
}

fn text(draft: &Draft, name: &str) -> String {
    let file = draft.files.iter().find(|(path, _)| path.contains(name));
    let text = file.map(|(_, text)| text.clone()).unwrap_or_default();
    // The day of today is none of a snapshot's.
    let lines = text.lines().map(|line| match line.split_once("# as_of: ") {
        Some((before, rest)) => format!("{before}# as_of: DAY{}", &rest[10..]),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
