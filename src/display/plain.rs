//! For logs: a line with its time for the end of each phase and for what long steps do, then the
//! table and the ending.

use std::collections::HashMap;

use super::ending::ending;
use super::line::{head, name_width, result, suite_line};
use super::mode::Mode;
use super::table::table;
use super::text::{pad, took};
use super::turns::Turns;
use crate::event::{Event, ImageOrigin, What};
use crate::replica::Phase;
use crate::report::{Report, SiteReport, printable};

/// A deploy step that took longer has a line of its own.
const LONG: f64 = 1.0;

#[derive(Debug)]
pub(super) struct Plain {
    mode: Mode,
    turns: Turns,
    report: Report,
    /// What each site was last seen doing, without its digits: a count is no news.
    doing: HashMap<String, String>,
}

impl Plain {
    pub(super) fn new(mode: Mode) -> Self {
        Plain { mode, turns: Turns::default(), report: Report::default(), doing: HashMap::new() }
    }

    /// The lines that an event adds.
    pub(super) fn take(&mut self, event: &Event) -> Vec<String> {
        let shown = self.turns.take(event);
        shown.iter().flat_map(|event| self.show(event)).collect()
    }

    fn show(&mut self, event: &Event) -> Vec<String> {
        self.report.take(event);
        let at = took(event.at.as_secs_f64());
        match &event.what {
            What::RunStarted { .. } => vec![head(&self.report, self.mode.colour), String::new()],
            What::SuiteSaid { line } => vec![suite_line(line)],
            What::StopRequested { why } => vec![format!("{at:>8}  {why}: tearing down")],
            What::RunEnded { .. } => {
                let mut lines = vec![String::new()];
                if self.report.sites.iter().any(|site| !site.phases.is_empty()) {
                    lines.extend(table(&self.report, self.mode));
                    lines.push(String::new());
                }
                lines.extend(ending(&self.report, self.mode));
                lines
            }
            what => self.about_site(event, what).map_or_else(Vec::new, |(phase, words)| {
                let names = name_width(&self.report);
                let name = event.site.as_ref().map_or("", |site| site.as_str());
                let phase = phase.map_or("", Phase::name);
                let line = format!("{at:>8}  {}  {phase:<9}  {words}", pad(name, names));
                vec![line.trim_end().to_owned()]
            }),
        }
    }

    /// The news of a site, if the event is any.
    fn about_site(&mut self, event: &Event, what: &What) -> Option<(Option<Phase>, String)> {
        let name = event.site.as_ref()?.as_str();
        let site = self.report.sites.iter().find(|site| site.name == name)?;
        match what {
            What::Doing { phase, what } => {
                let news = printable(what).replace('\n', " ");
                let gist = news.replace(|char: char| char.is_ascii_digit(), "");
                let before = self.doing.insert(name.to_owned(), gist.clone());
                (before.as_ref() != Some(&gist)).then_some((Some(*phase), news))
            }
            What::ImageReady { role, origin, took: time, .. } => {
                let how = match origin {
                    ImageOrigin::Cached => return None,
                    ImageOrigin::Built => "built",
                    ImageOrigin::Pulled => "pulled",
                    ImageOrigin::Bootstrapped => "bootstrapped",
                    ImageOrigin::Imported => "imported",
                };
                Some((Some(Phase::Images), format!("{how} {role} {}", took(time.as_secs_f64()))))
            }
            What::StepEnded { name, code, took: time, .. } => {
                let seconds = time.as_secs_f64();
                let ended =
                    if *code == 0 { String::new() } else { format!(" ended with code {code}") };
                (*code != 0 || seconds >= LONG)
                    .then(|| (Some(Phase::Deploy), format!("step {name}{ended} {}", took(seconds))))
            }
            What::PhaseEnded { phase, note, .. } => {
                let ended = site.phases.last()?;
                let mut words = result(&self.report, site, ended);
                let time = took(ended.seconds);
                if !words.ends_with(&time) {
                    words = format!("{words} {time}");
                }
                let words = format!("{words}  {}", printable(note));
                Some((Some(*phase), words.trim_end().to_owned()))
            }
            What::SiteEnded { .. } => Some((None, self.end_of(site))),
            _ => None,
        }
    }

    fn end_of(&self, site: &SiteReport) -> String {
        let name = self.mode.colour.of_ending(site.verdict, site.verdict.name());
        format!("{name} after {}", took(site.seconds))
    }
}
