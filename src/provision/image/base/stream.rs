//! How far the bytes of a base are.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytesize::ByteSize;

use crate::provision::execution::Execution;
use crate::provision::image::record::progress;

/// How often the bytes of a stream are told.
const BETWEEN_COUNTS: Duration = Duration::from_millis(400);

/// Tells, while something is streamed into an image, how many bytes of it were.
pub(super) async fn telling<E, T>(
    work: &Execution<'_, '_, E>,
    what: &RefCell<String>,
    bytes: &AtomicU64,
    streaming: impl Future<Output = T>,
) -> T {
    let mut streaming = std::pin::pin!(streaming);
    let mut ticks = tokio::time::interval(BETWEEN_COUNTS);
    let mut before = 0;
    loop {
        tokio::select! {
            done = &mut streaming => return done,
            _ = ticks.tick() => {
                let now = bytes.load(Ordering::Relaxed);
                if now != before {
                    before = now;
                    progress(work, &what.borrow(), format!("{} unpacked", ByteSize(now)));
                }
            }
        }
    }
}

pub(in crate::provision::image::base) fn doing<E>(work: &Execution<'_, '_, E>, what: String) {
    crate::provision::image::record::doing(work, &what);
}
