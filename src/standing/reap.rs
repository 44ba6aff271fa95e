//! What stands in Docker under our labels, and the removal of what nobody owns any more.

use super::found::{Standing, seen_again, standing};
use crate::docker::{DockerError, Engine};
use crate::event::Events;
use crate::standing::Leftover;

/// What a reaping did.
#[derive(Debug, Default)]
pub struct Reaped {
    /// What is gone, all of it.
    pub removed: Vec<Standing>,
    /// What could not be removed.
    pub left: Vec<Leftover>,
    /// What belongs to somebody, and was left alone.
    pub alive: Vec<Standing>,
}

/// Removes what is abandoned; leaves everything that has a living owner or a lease.
///
/// # Errors
/// Docker's.
pub async fn reap<E: Engine>(engine: &E, events: &Events, now: i64) -> Result<Reaped, DockerError> {
    let mut reaped = Reaped::default();
    for found in standing(engine).await? {
        if !found.is_abandoned(now) {
            reaped.alive.push(found);
            continue;
        }
        // Between the look and now its process may have left it up and ended, or a use of it have
        // begun its lease anew: what counts is a look after that.
        match seen_again(engine, &found).await? {
            Some(found) if found.is_abandoned(now) => {
                let left = found.remove(engine, events).await?;
                if left.is_empty() {
                    reaped.removed.push(found);
                }
                reaped.left.extend(left);
            }
            Some(found) => reaped.alive.push(found),
            None => {}
        }
    }
    Ok(reaped)
}
