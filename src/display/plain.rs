//! For logs: a line with its time for the end of each phase and for what long steps do, then the
//! table and the ending.

use std::collections::HashMap;

use super::ci::{Folds, github};
use super::detail::detail;
use super::ending::ending;
use super::line::{self, head, name_width, result, suite_line};
use super::making::Making;
use super::mode::{Amount, Mode, Server};
use super::table::table;
use super::text::{pad, took};
use super::turns::Turns;
use crate::event::{Event, What};
use crate::replica::Phase;
use crate::report::{Report, SiteReport, printable};
use crate::site::SiteName;

#[derive(Debug)]
pub(super) struct Plain {
    mode: Mode,
    turns: Turns,
    report: Report,
    /// What was last shown of each image of a site in the making, and of the site itself, without its
    /// digits: a count is no news, nor is what others do at the same time.
    doing: HashMap<String, String>,
    /// The images that are made.
    making: Making,
    /// Where the log folds.
    folds: Option<Folds>,
}

impl Plain {
    pub(super) fn new(mode: Mode) -> Self {
        Plain {
            mode,
            turns: Turns::default(),
            report: Report::default(),
            doing: HashMap::new(),
            making: Making::default(),
            folds: None,
        }
    }

    /// The lines that an event adds.
    pub(super) fn take(&mut self, event: &Event) -> Vec<String> {
        let shown = self.turns.take(event);
        shown.iter().flat_map(|event| self.fold_lines(event)).collect()
    }

    /// With what folds them, where the server's log folds.
    fn fold_lines(&mut self, event: &Event) -> Vec<String> {
        if let (What::RunStarted { started, .. }, Some(server)) = (&event.what, self.mode.server) {
            self.folds = Some(Folds::new(server, *started));
        }
        let mut lines = self.show(event);
        if self.mode.server == Some(Server::GitHub) {
            lines = lines.iter().map(|line| github::harmless(line)).collect();
        }
        let Some(folds) = self.folds.as_mut().filter(|_| self.mode.amount != Amount::Quiet) else {
            return lines;
        };
        let mut before = match (&event.site, &event.what) {
            (_, What::RunEnded { .. } | What::SiteEnded { .. }) => folds.leave(event.at),
            (Some(site), _) if !lines.is_empty() => folds.enter(site.as_str(), event.at),
            _ => Vec::new(),
        };
        before.append(&mut lines);
        before
    }

    fn show(&mut self, event: &Event) -> Vec<String> {
        self.report.take(event);
        let is_quiet = self.mode.amount == Amount::Quiet;
        let at = took(event.at.as_secs_f64());
        match &event.what {
            What::StopRequested { why } => vec![format!("{at:>8}  {why}: tearing down")],
            What::RunEnded { .. } if is_quiet => ending(&self.report, self.mode),
            _ if is_quiet => Vec::new(),
            What::SuiteSaid { line } => vec![suite_line(line)],
            What::RunStarted { .. } => vec![head(&self.report, self.mode.colour), String::new()],
            What::ImagesMissing { titles, about } => {
                self.making = Making::new(titles, None);
                line::images_missing(titles, *about, self.mode)
            }
            What::RunEnded { .. } => {
                let mut lines = vec![String::new()];
                if self.report.sites.iter().any(|site| !site.phases.is_empty()) {
                    lines.extend(table(&self.report, self.mode));
                    lines.push(String::new());
                }
                lines.extend(ending(&self.report, self.mode));
                lines
            }
            what => {
                let names = name_width(&self.report);
                let name = event.site.as_ref().map_or("", |site| site.as_str()).to_owned();
                let line = |(phase, words): (Option<Phase>, String)| {
                    let phase = phase.map_or("", Phase::name);
                    let line = format!("{at:>8}  {}  {phase:<9}  {words}", pad(&name, names));
                    line.trim_end().to_owned()
                };
                self.about_site(event, what).into_iter().map(line).collect()
            }
        }
    }

    /// The news of a site, if the event is any.
    fn about_site(&mut self, event: &Event, what: &What) -> Vec<(Option<Phase>, String)> {
        let Some(name) = event.site.as_ref().map(SiteName::as_str) else { return Vec::new() };
        let Some(site) = self.report.sites.iter().find(|site| site.name == name) else {
            return Vec::new();
        };
        match what {
            What::Doing { phase, what, .. } => {
                let news = printable(what).replace('\n', " ");
                let gist = news.replace(|char: char| char.is_ascii_digit(), "");
                let subject = gist.split_once(": ").map_or("", |(subject, _)| subject);
                let before = self.doing.insert(format!("{name}: {subject}"), gist.clone());
                if before.as_ref() == Some(&gist) {
                    return Vec::new();
                }
                vec![(Some(*phase), self.making.numbered(news))]
            }
            What::PhaseEnded { phase, note, .. } => {
                let Some(ended) = site.phases.last() else { return Vec::new() };
                let mut words = result(&self.report, site, ended);
                let time = took(ended.seconds);
                if !words.ends_with(&time) {
                    words = format!("{words} {time}");
                }
                let words = format!("{words}  {}", printable(note));
                vec![(Some(*phase), words.trim_end().to_owned())]
            }
            What::StateStarted { state, runs } => {
                let runs = format!("{} {}", runs.name, runs.version);
                vec![(None, format!("state {}: {}", state.name(), printable(runs.trim_end())))]
            }
            What::StateEnded { state, outcome, took: time } => {
                let time = took(time.as_secs_f64());
                vec![(None, format!("state {} {} after {time}", state.name(), outcome.name()))]
            }
            What::SiteEnded { .. } => vec![(None, self.end_of(site))],
            what => {
                let lines = detail(what, self.mode.amount).into_iter();
                lines
                    .map(|(phase, words)| match phase {
                        Phase::Images => (Some(phase), self.making.numbered(words)),
                        _ => (Some(phase), words),
                    })
                    .collect()
            }
        }
    }

    fn end_of(&self, site: &SiteReport) -> String {
        let name = self.mode.colour.of_ending(site.verdict, site.verdict.name());
        format!("{name} after {}", took(site.seconds))
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::display::tests::plain;
    use crate::event::{Goal, ImageOrigin, What};
    use crate::replica::Phase;
    use crate::report::sample::Script;

    #[test]
    fn counts_are_no_news_in_a_log() {
        let mut script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
        for number in 1..=50 {
            script = script.after(100).doing(Phase::Images, &format!("unpacking {number} of 50"));
        }
        let script = script.doing(Phase::Images, "installing packages");
        assert_snapshot!(plain(&script.so_far(), 80), @"
        noticeboard 1.2 (3f9c21ab)  on site-a

            0.1s  site-a  images     unpacking 1 of 50
            5.0s  site-a  images     installing packages
        ");
    }

    #[test]
    fn an_image_has_a_line_when_it_begins_and_one_when_it_ends() {
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
        let titles = vec!["debian bookworm".into(), "uv on debian bookworm".into()];
        let script = script.emit(What::ImagesMissing { titles, about: Some(75.0) });
        let script = script.doing(Phase::Images, "bootstrapping debian bookworm").after(52_000);
        let script = script.emit(made("debian bookworm", ImageOrigin::Bootstrapped, 52));
        let script = script.doing(Phase::Images, "building uv on debian bookworm").after(23_000);
        let script = script.emit(made("uv on debian bookworm", ImageOrigin::Built, 23));
        let script = script.doing(Phase::Images, "building environment of site-a").after(1000);
        let script = script.emit(made("environment of site-a", ImageOrigin::Built, 1));
        assert_snapshot!(plain(&script.so_far(), 100), @"
        noticeboard 1.2 (3f9c21ab)  on site-a

        making 2 images (debian bookworm, uv on debian bookworm): about 1m15s, once; later runs reuse them
            0.0s  site-a  images     1 of 2: bootstrapping debian bookworm
           52.0s  site-a  images     1 of 2: bootstrapped debian bookworm 52.0s
           52.0s  site-a  images     2 of 2: building uv on debian bookworm
           1m15s  site-a  images     2 of 2: built uv on debian bookworm 23.0s
           1m15s  site-a  images     building environment of site-a
           1m16s  site-a  images     built environment of site-a 1.0s
        ");
    }

    fn made(role: &str, origin: ImageOrigin, seconds: u64) -> What {
        let took = std::time::Duration::from_secs(seconds);
        What::ImageReady { role: role.into(), key: "k".into(), id: "i".into(), origin, took }
    }

    #[test]
    fn what_others_do_meanwhile_is_no_news_in_a_log() {
        let mut script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
        for number in 0..100 {
            let image = ["db", "app"][number % 2];
            let doing = format!("{image}: unpacking {number}");
            script = script.after(50).doing(Phase::Images, &doing);
        }
        let script = script.doing(Phase::Images, "db: setting up");
        assert_snapshot!(plain(&script.so_far(), 80), @"
        noticeboard 1.2 (3f9c21ab)  on site-a

            0.1s  site-a  images     db: unpacking 0
            0.1s  site-a  images     app: unpacking 1
            5.0s  site-a  images     db: setting up
        ");
    }
}
