//! How long a site was away or wrong while a release was deployed over another one: folded, and in words.

use super::model::SiteReport;
use super::words::{count, took};
use crate::event::{Downtime, GapKind, Traffic, Way};

impl SiteReport {
    /// Adds what a visitor saw on the way to a state.
    pub(super) fn take_traffic(&mut self, traffic: &Traffic) {
        let before = self.downtime.drain(..).flat_map(|downtime| downtime.traffic);
        let all: Vec<Traffic> = before.chain([traffic.clone()]).collect();
        let ways = [Way::Deploy, Way::Back].into_iter();
        self.downtime = ways.filter_map(|way| Downtime::of(way, all.clone())).collect();
    }
}

/// What it is about: `downtime`, `downtime on the way back`.
#[must_use]
pub(super) fn downtime_name(way: Way) -> &'static str {
    match way {
        Way::Deploy => "downtime",
        Way::Back => "downtime on the way back",
    }
}

/// `1.2s away (serve), 0.3s wrong (deploy step migrate): 11 times connection refused, 3 times 502`
#[must_use]
pub fn downtime_in_words(downtime: &Downtime) -> String {
    let kinds = [(GapKind::Away, downtime.away), (GapKind::Wrong, downtime.wrong)];
    let times = kinds.into_iter().filter(|(_, seconds)| *seconds > 0.0).map(|(kind, seconds)| {
        let steps = steps_during(downtime, kind).join(", ");
        let steps = if steps.is_empty() { steps } else { format!(" ({steps})") };
        format!("{} {}{steps}", took(seconds), kind.name())
    });
    let times: Vec<String> = times.collect();
    if times.is_empty() {
        let answers = downtime.traffic.iter().flat_map(|seen| seen.answers.values()).sum::<u32>();
        return format!("none, {} as before", count(answers as usize, "answer"));
    }
    let answers = downtime.answers.iter().map(|(said, times)| format!("{times} times {said}"));
    format!("{}: {}", times.join(", "), answers.collect::<Vec<_>>().join(", "))
}

/// The steps in which the site was so, each once.
fn steps_during(downtime: &Downtime, kind: GapKind) -> Vec<&str> {
    let mut steps: Vec<&str> = Vec::new();
    for gap in downtime.gaps().filter(|gap| gap.kind == kind) {
        for step in &gap.during {
            if !steps.contains(&step.as_str()) {
                steps.push(step);
            }
        }
    }
    steps
}

/// A line for each way of a site's upgrade on which somebody asked: what it is about, and the words.
pub fn downtimes_in_words(site: &SiteReport) -> impl Iterator<Item = String> {
    site.downtime.iter().map(|downtime| {
        format!("{}, {}: {}", site.name, downtime_name(downtime.way), downtime_in_words(downtime))
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::event::{Event, Goal, State, What};
    use crate::failure::Verdict;
    use crate::report::sample::Script;
    use crate::report::{Beside, Report, html, junit};

    fn traffic(state: State, gaps: &str) -> What {
        let text = format!(
            r#"{{"state": "{}", "at": 4.0, "seconds": 3.0, "pages": ["/healthz", "/list"],
            "answers": {{"200": 17, "502": 2}}, "slowest": 0.125, "gaps": [{gaps}]}}"#,
            state.name()
        );
        What::SiteInUse { traffic: serde_json::from_str(&text).unwrap() }
    }

    fn upgrade() -> Vec<Event> {
        let gap = |kind, at, during| {
            format!(
                r#"{{"kind": "{kind}", "at": {at}, "seconds": 0.5, "answers": {{"502": 2}},
                "pages": ["/list"], "during": [{during}]}}"#
            )
        };
        let two = [gap("wrong", 4.5, r#""deploy step `migrate`""#), gap("away", 5.0, r#""serve""#)];
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").after(7000);
        let script = script.emit(traffic(State::Between, &two.join(", ")));
        let script = script.emit(traffic(State::New, &gap("away", 4.0, r#""serve""#)));
        script.emit(traffic(State::Back, "")).checks(1).clean(Verdict::Passed)
    }

    #[test]
    fn how_long_a_site_was_away_is_one_line_for_each_way() {
        let report = Report::fold(&upgrade());
        let lines: Vec<String> = downtimes_in_words(&report.sites[0]).collect();
        assert_snapshot!(lines.join("\n"), @r"
        site-a, downtime: 1.0s away (serve), 0.5s wrong (deploy step `migrate`): 6 times 502
        site-a, downtime on the way back: none, 19 answers as before
        ");
        let xml = junit(&report).unwrap();
        for property in ["downtime.away", "downtime.longest", "back.downtime.wrong"] {
            assert!(xml.contains(&format!("name=\"{property}\"")), "{property} in {xml}");
        }
    }

    #[test]
    fn the_page_draws_a_strip_and_says_it_in_words() {
        let page = html(&Report::fold(&upgrade()), &Beside::default()).unwrap();
        for part in [
            "class=\"u-ok\" x=\"0.0\"",
            "class=\"u-wrong\" x=\"82.8\"",
            "aria-label=\"site-a: downtime: 1.0s away (serve), 0.5s wrong",
            "wrong 0.50s from 4.5s on, during deploy step `migrate`: 2 times 502 on &#x2f;list",
            "between: 19 answers of",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
