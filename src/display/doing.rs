//! What goes on right now, in as many words as there is room for.

use crate::replica::Phase;
use crate::report::printable;

/// What a long step does, and how far it is.
#[derive(Debug)]
pub(super) struct Doing {
    pub(super) phase: Phase,
    pub(super) what: String,
    progress: Option<String>,
}

impl Doing {
    pub(super) fn new(phase: Phase, what: &str, progress: Option<&str>) -> Self {
        let on_one_line = |text: &str| printable(text).replace('\n', " ");
        Doing { phase, what: on_one_line(what), progress: progress.map(on_one_line) }
    }

    /// All of it; where that is too long, how far it is counts more than what it is called.
    pub(super) fn within(&self, room: usize) -> String {
        let Some(progress) = &self.progress else { return self.what.clone() };
        let whole = format!("{}: {progress}", self.what);
        match self.what.split_once(": ") {
            Some((of, _)) if console::measure_text_width(&whole) > room => {
                format!("{of}: {progress}")
            }
            _ => whole,
        }
    }
}
