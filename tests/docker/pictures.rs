//! The pictures of the README: the end of a red run in a terminal, and the page of its report. Both are of a real
//! run, and `UPDATE=1` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::driver::{Project, repository};

const SCREEN: &str = "docs/images/red.svg";
const PAGE: &str = "docs/images/report.png";

/// Compares the picture of the terminal with what the run's report shows, or writes both pictures.
pub(crate) fn compare(project: &Project) {
    let shown = project.run(&["report", "show", "--color", "always"]).exit_code(0).stdout;
    let release = "dist/noticeboard-1.2-py3-none-any.whl";
    // Where the test keeps its wheel is nobody's business.
    let shown: String = shown
        .lines()
        .map(|line| match line.split_once(" --release ") {
            Some((command, _)) => format!("{command} --release {release}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    let screen = format!("$ stagectl rehearse --release {release}\n{shown}");
    let picture = anstyle_svg::Term::new().render_svg(&screen);
    let path = repository().join(SCREEN);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, picture).unwrap();
        let page = fs::read_to_string(project.run_folder().join("report.html")).unwrap();
        // As the page's template escapes it.
        let escaped = |text: String| text.replace('/', "&#x2f;");
        let built = escaped(project.report().release.unwrap().path);
        assert!(page.contains(&built), "the page names the release");
        let folder = escaped(format!("-C {} ", project.path("").display()));
        let folder = folder.replace("&#x2f; ", " ");
        assert!(page.contains(&folder), "the page has the command line");
        let page = page.replace(&folder, "").replace(&built, release);
        let page = page.replace(&project.name, "noticeboard");
        photograph(project, &page);
        return;
    }
    let there = fs::read_to_string(&path).unwrap();
    assert_eq!(words(&there), words(&picture), "{SCREEN} is another run's: UPDATE=1 writes it");
}

/// The words of a picture, without what each run has of its own: numbers, names of runs, and the column of a phase
/// that took no time.
fn words(picture: &str) -> BTreeSet<String> {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in picture.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            letter if !is_tag => text.push(letter),
            _ => {}
        }
    }
    // How long a site was away, and with which answers.
    if let (Some(from), Some(until)) = (text.find(", downtime:"), text.find("not in the replica")) {
        text.replace_range(from..until.max(from), " ");
    }
    let is_the_same =
        |word: &&str| *word != "-" && !word.contains(|letter: char| letter.is_ascii_digit());
    text.split_whitespace().filter(is_the_same).map(str::to_owned).collect()
}

fn photograph(project: &Project, page: &str) {
    let path = project.path("photographed.html");
    fs::write(&path, page).unwrap();
    let status = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        .arg("--window-size=1100,900")
        .arg(format!("--screenshot={}", repository().join(PAGE).display()))
        .arg(format!("file://{}", path.display()))
        .status()
        .unwrap();
    assert!(status.success());
}
