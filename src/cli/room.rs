//! How many replicas an experiment has at a time.

use crate::experiment::most_at_once;
use crate::rehearsal::free_room;
use crate::site::Site;

/// A number of replicas: at least one.
pub(super) fn parse_number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a number from 1 on".to_owned())
}

/// As many as are asked for, or as the engine's machine has processors and memory for; one where no engine answers, as the
/// first rehearsal says.
pub(super) async fn room_for(site: &Site, asked: Option<usize>) -> usize {
    if let Some(asked) = asked {
        return asked;
    }
    let room = free_room().await;
    room.map_or(1, |(cores, free)| most_at_once(cores, free, memory_of(site)))
}

/// What a replica of the site may use at most, as far as that is described.
fn memory_of(site: &Site) -> u64 {
    /// Of a service that says nothing.
    const SERVICE: u64 = 128 << 20;
    let services = site.services.values().map(|one| one.memory.map_or(SERVICE, |memory| memory.0));
    site.resources.memory.0 + services.sum::<u64>()
}
