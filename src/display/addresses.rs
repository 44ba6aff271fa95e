//! Where replicas that stay up are reached, and what a person wants to know with that.

use super::mode::Mode;
use super::text::pad;
use crate::report::{Report, printable};

/// The width of what the lines of an address are about.
const TOPIC: usize = 12;

/// A heading for each site that stays, and its lines.
pub(super) fn addresses(report: &Report, mode: Mode) -> Vec<String> {
    let mut lines = Vec::new();
    for site in &report.sites {
        if let Some(address) = &site.reachable {
            lines.push(format!("{}  {}", site.name, mode.colour.bold(&address.url)));
            // A command is there to be pasted: it is never broken.
            let mut said = |topic: &str, text: &str| {
                let topic = mode.colour.dim(&pad(topic, TOPIC));
                lines.push(format!("  {topic}  {}", printable(text)));
            };
            said("as the world", &address.command);
            address.more.iter().for_each(|hint| said(&hint.topic, &hint.text));
        }
    }
    lines
}
