//! What grows by itself at the end of the line of a site: a time, or a bar. The one home of indicatif.
#![expect(clippy::disallowed_types, reason = "the home of the progress bar")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::making::Estimate;
use super::text::took;

/// How often the elapsed time is redrawn.
const TICK: Duration = Duration::from_millis(100);

/// What the line ends with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) since: Instant,
    pub(super) estimate: Option<Estimate>,
}

impl Clock {
    fn text(self) -> String {
        let elapsed = self.since.elapsed();
        self.estimate.map_or_else(|| took(elapsed.as_secs_f64()), |estimate| estimate.bar(elapsed))
    }
}

/// A line that is drawn again and again, until it is dropped.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    /// The bar's own thread reads it.
    clock: Arc<Mutex<Option<Clock>>>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        let clock: Arc<Mutex<Option<Clock>>> = Arc::default();
        let bar = drawn(Arc::clone(&clock));
        Bar { bar, clock }
    }

    pub(super) fn show(&self, line: String, clock: Option<Clock>) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
        self.bar.set_message(line);
    }

    /// Does something with the terminal, and draws the line again below it.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn drawn(clock: Arc<Mutex<Option<Clock>>>) -> ProgressBar {
    let elapsed = move |_: &ProgressState, text: &mut dyn std::fmt::Write| {
        let clock = *clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clock) = clock {
            // Writing into the bar's own buffer cannot fail.
            let _infallible = text.write_str(&clock.text());
        }
    };
    let style = ProgressStyle::with_template("{msg} {clock} {spinner}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
        .with_key("clock", elapsed);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}
