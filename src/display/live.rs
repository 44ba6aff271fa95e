//! On a terminal: the line of the current site grows in place and says what is going on. The one
//! home of indicatif.
#![expect(clippy::disallowed_types, reason = "the home of the progress bar")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::ending::ending;
use super::line::{self, head};
use super::mode::Mode;
use super::print::to_stderr;
use super::text::took;
use super::turns::Turns;
use crate::event::{Event, Phase, What};
use crate::report::{Report, printable};
use crate::site::SiteName;

/// How often the elapsed time is redrawn.
const TICK: Duration = Duration::from_millis(100);

/// A run on a terminal: the picture, and the bar that shows it.
#[derive(Debug)]
pub(super) struct Live {
    picture: Picture,
    /// There while a site is at work.
    bar: Option<ProgressBar>,
    /// When the current phase began; the bar's own thread reads it.
    since: Arc<Mutex<Option<Instant>>>,
    /// The time of the run's zero point.
    zero: Option<Instant>,
}

impl Live {
    pub(super) fn new(mode: Mode) -> Self {
        Live { picture: Picture::new(mode), bar: None, since: Arc::default(), zero: None }
    }

    pub(super) fn take(&mut self, event: &Event) {
        let now = Instant::now();
        let zero = *self.zero.get_or_insert_with(|| now.checked_sub(event.at).unwrap_or(now));
        for change in self.picture.take(event) {
            match change {
                Change::Print(lines) => match &self.bar {
                    Some(bar) => bar.suspend(|| to_stderr(&lines)),
                    None => to_stderr(&lines),
                },
                Change::Show { line, since } => {
                    let begun = since.map(|since| zero + since);
                    *self.since.lock().unwrap_or_else(PoisonError::into_inner) = begun;
                    self.bar.get_or_insert_with(|| new_bar(&self.since)).set_message(line);
                }
                Change::Clear => self.clear(),
            }
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.clear();
    }
}

fn new_bar(since: &Arc<Mutex<Option<Instant>>>) -> ProgressBar {
    let since = Arc::clone(since);
    let elapsed = move |_: &ProgressState, text: &mut dyn std::fmt::Write| {
        let begun = *since.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(begun) = begun {
            // Writing into the bar's own buffer cannot fail.
            let _infallible = text.write_str(&took(begun.elapsed().as_secs_f64()));
        }
    };
    let style = ProgressStyle::with_template("{msg} {elapsed_of_phase} {spinner}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
        .with_key("elapsed_of_phase", elapsed);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// A change of what the terminal shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Adds lines that stay.
    Print(Vec<String>),
    /// Replaces the growing line; `since` is when what it ends with began.
    Show { line: String, since: Option<Duration> },
    /// Takes the growing line away.
    Clear,
}

/// What the terminal shows, as a pure function of the events.
#[derive(Debug)]
pub(super) struct Picture {
    mode: Mode,
    turns: Turns,
    report: Report,
    current: Option<SiteName>,
    phase: Option<(Phase, Duration)>,
    doing: String,
    stopping: bool,
}

impl Picture {
    pub(super) fn new(mode: Mode) -> Self {
        Picture {
            mode,
            turns: Turns::default(),
            report: Report::default(),
            current: None,
            phase: None,
            doing: String::new(),
            stopping: false,
        }
    }

    pub(super) fn take(&mut self, event: &Event) -> Vec<Change> {
        let shown = self.turns.take(event);
        shown.iter().flat_map(|event| self.show(event)).collect()
    }

    fn show(&mut self, event: &Event) -> Vec<Change> {
        self.report.take(event);
        let elsewhere = event.site.is_some() && event.site != self.current;
        match &event.what {
            What::RunStarted { .. } => {
                return vec![Change::Print(vec![
                    head(&self.report, self.mode.colour),
                    String::new(),
                ])];
            }
            What::RunEnded { .. } => {
                let mut lines = vec![String::new()];
                lines.extend(ending(&self.report, self.mode));
                return vec![Change::Clear, Change::Print(lines)];
            }
            What::SiteStarted { .. } => self.current.clone_from(&event.site),
            What::PhaseStarted { .. } | What::Doing { .. } | What::PhaseEnded { .. }
                if elsewhere =>
            {
                return Vec::new();
            }
            What::PhaseStarted { phase } => {
                self.phase = Some((*phase, event.at));
                self.doing.clear();
            }
            What::Doing { what, .. } => self.doing = printable(what).replace('\n', " "),
            What::PhaseEnded { .. } => {
                self.phase = None;
                self.doing.clear();
            }
            What::StopRequested { .. } => self.stopping = true,
            What::SiteEnded { .. } => {
                self.phase = None;
                self.doing.clear();
                self.current.clone_from(&event.site);
                let line = self.line(None);
                self.current = None;
                return vec![Change::Clear, Change::Print(vec![line])];
            }
            _ => return Vec::new(),
        }
        if self.current.is_none() {
            return Vec::new();
        }
        let active = self.phase.map(|(phase, _)| self.active(phase));
        vec![Change::Show {
            line: self.line(active.as_deref()),
            since: self.phase.map(|(_, begun)| begun),
        }]
    }

    fn line(&self, active: Option<&str>) -> String {
        let name = self.current.as_ref().map_or("", SiteName::as_str);
        let site = self.report.sites.iter().find(|site| site.name == name);
        site.map_or_else(String::new, |site| line::site(&self.report, site, active, self.mode))
    }

    /// `images  bootstrapping debian bookworm: unpacking`, short enough for one line with the time.
    fn active(&self, phase: Phase) -> String {
        let phase = phase.name();
        let stopping = if self.stopping { "stopping; " } else { "" };
        let colon = if self.doing.is_empty() { "" } else { ": " };
        let text = format!("{stopping}{phase}{colon}{}", self.doing);
        let room = self.mode.width.saturating_sub(line::indent(&self.report) + line::CLOCK);
        self.mode.colour.dim(&console::truncate_str(&text, room, "…"))
    }
}
