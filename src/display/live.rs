//! On a terminal: the line of the current site grows in place and says what is going on.

use std::time::{Duration, Instant};

use super::clock::{Bar, Clock};
use super::detail::detail;
use super::doing::Doing;
use super::ending::ending;
use super::line::{self, head, suite_line};
use super::making::{Estimate, Making};
use super::mode::{Amount, Mode};
use super::print::to_stderr;
use super::text::pad;
use super::turns::Turns;
use crate::event::{Event, What};
use crate::replica::Phase;
use crate::report::{Ending, Report};
use crate::site::SiteName;

/// An image that took longer to make is shown with its time.
const LONG: Duration = Duration::from_secs(1);

/// A run on a terminal: the picture, and the bar that shows it.
#[derive(Debug)]
pub(super) struct Live {
    picture: Picture,
    /// There while a site is at work.
    bar: Option<Bar>,
    /// The time of the run's zero point.
    zero: Option<Instant>,
}

impl Live {
    pub(super) fn new(mode: Mode) -> Self {
        Live { picture: Picture::new(mode), bar: None, zero: None }
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
                Change::Show { line, since, estimate } => {
                    let since = estimate.map_or(since, |estimate| Some(estimate.begun));
                    let clock = since.map(|since| Clock { since: zero + since, estimate });
                    self.bar.get_or_insert_with(Bar::new).show(line, clock);
                }
                Change::Clear => self.bar = None,
            }
        }
    }
}

/// A change of what the terminal shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Adds lines that stay.
    Print(Vec<String>),
    /// Replaces the growing line; `since` is when what it ends with began, and there is an estimate where that is
    /// images that a first run has to make.
    Show { line: String, since: Option<Duration>, estimate: Option<Estimate> },
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
    doing: Option<Doing>,
    making: Making,
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
            doing: None,
            making: Making::default(),
            stopping: false,
        }
    }

    pub(super) fn take(&mut self, event: &Event) -> Vec<Change> {
        let shown = self.turns.take(event);
        shown.iter().flat_map(|event| self.show(event)).collect()
    }

    fn show(&mut self, event: &Event) -> Vec<Change> {
        self.report.take(event);
        if self.current.is_none() && self.is_at_work(event.site.as_ref()) {
            self.current.clone_from(&event.site);
        }
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
            What::SiteStarted { .. } => {}
            What::PhaseStarted { .. } | What::Doing { .. } | What::PhaseEnded { .. }
                if elsewhere =>
            {
                return Vec::new();
            }
            What::PhaseStarted { phase } => {
                self.phase = Some((*phase, event.at));
                self.doing = None;
            }
            What::Doing { phase, what, progress } => {
                self.doing = Some(Doing::new(*phase, what, progress.as_deref()));
            }
            What::ImagesMissing { titles, about: seconds } => {
                let about = seconds.and_then(|about| Duration::try_from_secs_f64(about).ok());
                let estimate = about.map(|about| Estimate { begun: event.at, about });
                self.making = Making::new(titles, estimate);
                return vec![Change::Print(line::images_missing(titles, *seconds, self.mode))];
            }
            What::PhaseEnded { .. } => {
                self.phase = None;
                self.doing = None;
            }
            What::StopRequested { .. } => self.stopping = true,
            What::SuiteSaid { line } => return vec![Change::Print(vec![suite_line(line)])],
            What::SiteEnded { .. } => {
                self.phase = None;
                self.doing = None;
                self.current.clone_from(&event.site);
                let line = self.line(None);
                self.current = None;
                return vec![Change::Clear, Change::Print(vec![line])];
            }
            what => return self.details(event.site.as_ref(), what),
        }
        if self.current.is_none() {
            return Vec::new();
        }
        let active = self.phase.map(|(phase, _)| self.active(phase));
        let clock = self.clock_width();
        vec![Change::Show {
            line: self.line(active.as_deref().map(|active| (active, clock))),
            since: self.phase.map(|(_, begun)| begun),
            estimate: self.estimate(),
        }]
    }

    /// What those see above the growing line who want to see all.
    fn details(&self, site: Option<&SiteName>, what: &What) -> Vec<Change> {
        // Of the images that a first run has to make, each that one waits for leaves a line.
        let is_worth_a_wait = matches!(
            what,
            What::ImageReady { took, role, .. } if *took >= LONG && self.making.number(role).is_some()
        );
        if self.mode.amount < Amount::Verbose && !is_worth_a_wait {
            return Vec::new();
        }
        let name = pad(site.map_or("", SiteName::as_str), line::name_width(&self.report));
        let words = detail(what, self.mode.amount).into_iter();
        let lines: Vec<String> = words
            .map(|(phase, words)| match phase {
                Phase::Images => (phase, self.making.numbered(words)),
                _ => (phase, words),
            })
            .map(|(phase, words)| format!("{name}   {:<9}  {words}", phase.name()))
            .map(|line| self.mode.colour.dim(&line))
            .collect();
        if lines.is_empty() { Vec::new() } else { vec![Change::Print(lines)] }
    }

    /// True for a site that has not ended; one that is prepared comes with the events held back.
    fn is_at_work(&self, name: Option<&SiteName>) -> bool {
        let site = self
            .report
            .sites
            .iter()
            .find(|site| Some(site.name.as_str()) == name.map(SiteName::as_str));
        site.is_some_and(|site| matches!(site.verdict, Ending::NotRun | Ending::Unfinished))
    }

    fn line(&self, active: Option<(&str, usize)>) -> String {
        let name = self.current.as_ref().map_or("", SiteName::as_str);
        let site = self.report.sites.iter().find(|site| site.name == name);
        site.map_or_else(String::new, |site| line::site(&self.report, site, active, self.mode))
    }

    /// `2 of 5`, of images that a first run has to make.
    fn how_far(&self) -> Option<String> {
        let doing = self.doing.as_ref().filter(|doing| doing.phase == Phase::Images)?;
        self.making.number(&doing.what)
    }

    /// How long all images take, while one of them is made.
    fn estimate(&self) -> Option<Estimate> {
        self.how_far().and(self.making.estimate)
    }

    /// Columns of what grows by itself at the line's end.
    fn clock_width(&self) -> usize {
        line::CLOCK + self.estimate().map_or(0, |_| Estimate::WIDTH)
    }

    /// `images: bootstrapping debian bookworm: unpacking`, short enough for one line with the time.
    fn active(&self, phase: Phase) -> String {
        // Work of several phases may go on at once: the name is that of what is shown.
        let phase = self.doing.as_ref().map_or(phase, |doing| doing.phase).name();
        let stopping = if self.stopping { "stopping; " } else { "" };
        let room = self.mode.width.saturating_sub(line::indent(&self.report) + self.clock_width());
        let text = match &self.doing {
            None => format!("{stopping}{phase}"),
            Some(doing) => {
                let number = self.how_far().map(|number| format!(" {number}")).unwrap_or_default();
                let before = format!("{stopping}{phase}{number}: ");
                let left = room.saturating_sub(console::measure_text_width(&before));
                format!("{before}{}", doing.within(left))
            }
        };
        self.mode.colour.dim(&console::truncate_str(&text, room, "…"))
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::display::mode::Style;
    use crate::event::{Goal, ImageOrigin, Outcome};
    use crate::failure::Verdict;
    use crate::report::sample::Script;

    /// Each state of the growing line.
    fn growing(events: &[Event], width: usize) -> String {
        let mut picture = Picture::new(Mode::bare(Style::Live, width));
        let mut lines: Vec<String> = Vec::new();
        for change in events.iter().flat_map(|event| picture.take(event)) {
            if let Change::Show { line, since, .. } = change {
                lines.push(format!("{line} [{since:?}]"));
            }
        }
        lines.join("\n")
    }

    #[test]
    fn the_growing_line_says_what_is_going_on() {
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").begin(Phase::Images);
        let script =
            script.after(500).doing(Phase::Images, "bootstrapping debian bookworm: unpacking");
        let script = script.after(41_000).end(Phase::Images, 41_500, Outcome::Passed);
        let script = script.begin(Phase::Up).emit(What::StopRequested { why: "Ctrl-C".into() });
        assert_snapshot!(growing(&script.so_far(), 80), @"
        site-a [None]
        site-a   images [Some(0ns)]
        site-a   images: bootstrapping debian bookworm: unpacking [Some(0ns)]
        site-a   images 41.5s [None]
        site-a   images 41.5s    up [Some(41.5s)]
        site-a   images 41.5s    stopping; up [Some(41.5s)]
        ");
    }

    #[test]
    fn how_far_it_is_stays_in_sight() {
        let far = |what: &str, far: &str| What::Doing {
            phase: Phase::Images,
            what: what.to_owned(),
            progress: Some(far.to_owned()),
        };
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").begin(Phase::Images);
        // The network is there meanwhile.
        let script = script.begin(Phase::Up);
        let what = "environment of site-a: installing 6 packages";
        let script = script.emit(far(what, "unpacking 7 of 45"));
        let script = script
            .emit(What::ImagesMissing { titles: vec!["base".into(), "b".into()], about: None });
        let events = script.so_far();
        let last = |width| growing(&events, width).lines().last().unwrap().to_owned();
        assert_snapshot!(last(100), @"site-a   images: environment of site-a: installing 6 packages: unpacking 7 of 45 [Some(0ns)]");
        assert_snapshot!(last(80), @"site-a   images: environment of site-a: unpacking 7 of 45 [Some(0ns)]");
    }

    #[test]
    fn of_several_images_it_says_which_it_is_and_how_long_all_of_them_take() {
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").begin(Phase::Images);
        let titles = vec!["uv on debian bookworm".to_owned(), "environment".to_owned()];
        let script = script.emit(What::ImagesMissing { titles, about: Some(75.0) });
        let script = script.doing(Phase::Images, "building uv on debian bookworm");
        let script = script.image(ImageOrigin::Built, 23_000);
        let mut picture = Picture::new(Mode::bare(Style::Live, 100));
        let events = script.so_far();
        let changes =
            events.iter().flat_map(|event| picture.take(event)).map(|change| match change {
                Change::Print(lines) => lines.join("\n"),
                Change::Show { line, estimate, .. } => {
                    let bar = estimate.map(|estimate| estimate.bar(Duration::from_secs(30)));
                    format!("> {line} {}", bar.unwrap_or_default()).trim_end().to_owned()
                }
                Change::Clear => String::new(),
            });
        assert_snapshot!(changes.skip(1).collect::<Vec<_>>().join("\n"), @"
        > site-a
        > site-a   images
        making 2 images (uv on debian bookworm, environment): about 1m15s, once; later runs reuse them
        > site-a   images 1 of 2: building uv on debian bookworm ████░░░░░░ 30.0s of about 1m15s
        site-a   images     2 of 2: built environment 23.0s
        ");
    }

    #[test]
    fn what_is_going_on_leaves_room_for_its_time() {
        let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a");
        let script = script.images(ImageOrigin::Cached, 40).phase(Phase::Up, 1100);
        let script = script.begin(Phase::Deploy).doing(Phase::Deploy, "step migrate: notices, one");
        let script = script.doing(Phase::Deploy, &"a very long story ".repeat(9));
        let shown = growing(&script.so_far(), 80);
        assert_snapshot!(shown.lines().rev().take(5).collect::<Vec<_>>().join("\n"), @"
                 deploy: a very long story a very long story a very long story… [Some(1.14s)]
        site-a   images cached   up 1.1s
        site-a   images cached   up 1.1s   deploy: step migrate: notices, one [Some(1.14s)]
        site-a   images cached   up 1.1s   deploy [Some(1.14s)]
        site-a   images cached   up 1.1s [None]
        ");
    }

    #[test]
    fn what_was_prepared_in_the_background_goes_on_where_it_is() {
        let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
        let script = script.of("site-b").begin(Phase::Images).doing(Phase::Images, "unpacking");
        let script = script.of("site-a").after(900).phase(Phase::Up, 1100);
        let script = script.finish(Verdict::Passed, 2000, None).start("site-b");
        let script = script.of("site-a").begin(Phase::Evidence);
        assert_snapshot!(growing(&script.so_far(), 80), @"
        site-a [None]
        site-a   up [Some(900ms)]
        site-a   up 1.1s [None]
        site-b   images [Some(0ns)]
        site-b   images: unpacking [Some(0ns)]
        site-b   images: unpacking [Some(0ns)]
        ");
    }
}
