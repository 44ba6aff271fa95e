//! A live site beside its rehearsal, in words.

use super::model::SiteReport;
use super::tail::printable;
use crate::event::{Comparison, RehearsedAs};

/// How many of a kind are listed; the report holds all.
const MOST: usize = 10;

/// What was found when a live site was held against its rehearsal, a line each; nothing where it was not.
#[must_use]
pub fn comparison_in_words(site: &SiteReport) -> Vec<String> {
    let Some(comparison) = &site.comparison else { return Vec::new() };
    let mut lines = vec![head(comparison)];
    let mut add = |what: RehearsedAs, words: &dyn Fn(&str) -> String| {
        let all: Vec<&str> = comparison.reds_that_were(what).collect();
        lines.extend(all.iter().take(MOST).map(|name| words(name)));
        if all.len() > MOST {
            lines.push(format!("and {} more of these, all in the report", all.len() - MOST));
        }
    };
    add(RehearsedAs::Green, &|name| {
        format!("a hole in the replica: {name} was green in the rehearsal")
    });
    add(RehearsedAs::Red, &|name| format!("red in the rehearsal, too: {name}"));
    add(RehearsedAs::NotRun, &|name| format!("not run in the rehearsal: {name}"));
    lines.extend(comparison.differences.iter().map(|found| {
        format!(
            "{}: {} on the live site, {} in the rehearsal",
            found.what, found.live, found.rehearsed
        )
    }));
    lines.iter().map(|line| printable(line).replace('\n', " ")).collect()
}

fn head(comparison: &Comparison) -> String {
    let of = comparison.release.as_ref().map(|release| format!(" of {release}"));
    let of = of.unwrap_or_default();
    let seen = match comparison.differences.len() {
        0 => "no difference is seen from outside",
        1 => "1 difference is seen from outside",
        number => {
            return format!(
                "held against the rehearsal{of}, run {}: {number} differences are seen from outside",
                comparison.run
            );
        }
    };
    format!("held against the rehearsal{of}, run {}: {seen}", comparison.run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ComparedRed, SeenDifference};

    fn site(comparison: Option<Comparison>) -> SiteReport {
        SiteReport { comparison, ..SiteReport::without_turn("site-a") }
    }

    #[test]
    fn holes_come_first_and_differences_last() {
        let red = |name: &str, rehearsed| ComparedRed { name: name.to_owned(), rehearsed };
        let comparison = Comparison {
            run: "20261123-101400-3f9c".to_owned(),
            release: Some("noticeboard 1.1 (3f9c21ab)".to_owned()),
            reds: vec![
                red("test_a.py::test_new", RehearsedAs::NotRun),
                red("test_a.py::test_odd", RehearsedAs::Red),
                red("certificate of www.site-a.example", RehearsedAs::Green),
            ],
            differences: vec![SeenDifference {
                what: "server".to_owned(),
                rehearsed: "nginx/1.22.1".to_owned(),
                live: "cdn".to_owned(),
            }],
        };
        insta::assert_snapshot!(comparison_in_words(&site(Some(comparison))).join("\n"), @r"
        held against the rehearsal of noticeboard 1.1 (3f9c21ab), run 20261123-101400-3f9c: 1 difference is seen from outside
        a hole in the replica: certificate of www.site-a.example was green in the rehearsal
        red in the rehearsal, too: test_a.py::test_odd
        not run in the rehearsal: test_a.py::test_new
        server: cdn on the live site, nginx/1.22.1 in the rehearsal
        ");
        assert!(comparison_in_words(&site(None)).is_empty());
    }
}
