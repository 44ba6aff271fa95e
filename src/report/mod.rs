//! What happened in a run, written down: the report folded from its events, as JSON, as JUnit XML
//! and as a page. Nothing here prints, and nothing here does any of the work.

mod built;
mod compared;
mod described;
mod downtime;
mod explanation;
mod files;
mod fold;
mod host_files;
mod html;
mod junit;
mod locks;
mod merge;
mod model;
mod old_runs;
mod outputs;
mod record;
mod recorded;
#[cfg(test)]
pub(crate) mod sample;
mod seconds;
mod signature;
mod span;
mod state;
mod states;
mod summary;
mod tail;
#[cfg(test)]
mod tests;
mod timeline;
mod trends;
mod words;

pub use built::Built;
pub use compared::comparison_in_words;
pub use described::{description_in, keep_description};
pub use downtime::{downtime_in_words, downtimes_in_words};
pub use explanation::{Explanation, TriedHybrid};
pub use files::{add_explanation, bring_evidence, run_folder, write, write_page, write_trends};
pub use host_files::folded;
pub use html::{Beside, SavedFiles, html, page_of};
pub use junit::{junit, junit_of_site};
pub use locks::locks_in_words;
pub use merge::{Merged, Recorded, merge};
pub use model::*;
pub use old_runs::{OldRun, old_runs};
pub use record::write_record;
pub use recorded::{History, LastRehearsal, RehearsedRelease, had_whole_suite, image_times};
pub use signature::{
    Signature, green_before, green_with, is_of_experiment, last_green, rehearsal_of, rehearsal_with,
};
pub use span::Span;
pub use states::{Column, columns, upgrade_in_words};
pub use summary::{append_summary, summary};
pub use tail::{last_lines, printable};
pub use timeline::{TimelineRow, timeline_rows};
pub use trends::{SiteTrend, Trends, TurnSeen};
pub use words::*;
