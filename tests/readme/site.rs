//! The site of the documents: its summary has all of them, and what it is made of leads nowhere else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::document::{Document, root};

/// The pages of `docs/SUMMARY.md`, by their paths from the root.
fn listed() -> BTreeSet<String> {
    let links = Document::read("docs/SUMMARY.md").links();
    links.into_iter().map(|link| normal(&format!("docs/{link}"))).collect()
}

/// A path without `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn the_summary_lists_every_document() {
    let there = walkdir::WalkDir::new(root().join("docs")).into_iter().map(Result::unwrap);
    let there = there.map(|entry| entry.path().strip_prefix(root()).unwrap().display().to_string());
    let is_page = |path: &String| {
        Path::new(path).extension().is_some_and(|end| end == "md") && path != "docs/SUMMARY.md"
    };
    let mut expected: BTreeSet<String> = there.filter(is_page).collect();
    for page in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"] {
        expected.insert(page.to_owned());
    }
    assert_eq!(listed(), expected, "docs/SUMMARY.md");
}

/// The links of the pages as they are laid out for mdBook, with what stands before each.
fn links_of_the_site(more: &[&str]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("src");
    let laid = Command::new("python3")
        .arg(root().join("packaging/site.py"))
        .args(["lay-out", pages.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap();
    assert!(laid.status.success(), "{}", String::from_utf8_lossy(&laid.stderr));
    let mut links = Vec::new();
    for page in listed() {
        // mdBook makes an index of a README.
        let laid = pages.join(page.replace("README.md", "index.md"));
        let text = std::fs::read_to_string(laid).unwrap();
        let document = Document { path: page.clone().into(), text };
        let targets = document.prose();
        let targets = targets.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        links.extend(targets.map(|(target, _)| (page.clone(), target.to_owned())));
    }
    links
}

#[test]
fn a_link_of_the_site_leads_to_a_page_a_picture_or_the_repository() {
    let pages = listed();
    let leads_to_a_page = |page: &str, link: &str| {
        let file = link.split('#').next().unwrap();
        let folder = Path::new(page).parent().unwrap().display().to_string();
        let target = normal(format!("{folder}/{file}").trim_start_matches('/'));
        let target = target.replace("index.md", "README.md");
        file.is_empty() || pages.contains(&target) || target.starts_with("docs/images/")
    };
    for (page, link) in links_of_the_site(&[]) {
        assert!(link.starts_with("http") || leads_to_a_page(&page, &link), "{page}: {link}");
    }
    let links = links_of_the_site(&["--repository", "https://code.example/stagectl"]);
    let has = |page: &str, link: &str| links.iter().any(|(of, to)| of == page && to == link);
    assert!(has("README.md", "https://code.example/stagectl/tree/main/environments"));
    assert!(has("README.md", "https://code.example/stagectl/blob/main/LICENSE-MIT"));
    assert!(has("README.md", "docs/first-steps.md"), "pages lead to pages");
}
