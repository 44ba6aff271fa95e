//! Stop requests: Ctrl-C and SIGTERM as a value that waits can race against.
//!
//! Work stops between steps; only waits race a stop request, never a request already sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, Kind};

/// Whether and why the user wants us to stop. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    reason: Arc<AtomicU8>,
}

impl Stop {
    /// Returns a stop that nobody has requested.
    #[must_use]
    pub fn new() -> Self {
        Stop::default()
    }

    /// A stop for a part of the work: it stops with the whole, or is given up alone.
    #[must_use]
    pub fn for_part(&self) -> Stop {
        Stop { token: self.token.child_token(), reason: Arc::clone(&self.reason) }
    }

    /// Stops this part of the work, because nobody needs its result any more. The whole goes on.
    pub fn give_up(&self) {
        self.token.cancel();
    }

    /// Asks everyone to stop; only the first reason counts.
    pub fn request(&self, reason: Kind) {
        let code = reason.code();
        let _first = self.reason.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
        self.token.cancel();
    }

    /// Returns true once a stop was requested, or this part of the work was given up.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until a stop is requested; for `select!` beside a wait.
    pub async fn requested(&self) {
        self.token.cancelled().await;
    }

    /// An error when a stop was requested: called between steps.
    ///
    /// # Errors
    /// Interrupted or terminated, as requested.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_requested() { Err(self.failure()) } else { Ok(()) }
    }

    /// The failure that stands for the stop request.
    #[must_use]
    pub fn failure(&self) -> Failure {
        if self.reason.load(Ordering::SeqCst) == Kind::Terminated.code() {
            Failure::new(Kind::Terminated, "terminated")
        } else {
            Failure::new(Kind::Interrupted, "interrupted")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stays() {
        let stop = Stop::new();
        assert!(stop.check().is_ok());
        stop.request(Kind::Terminated);
        stop.request(Kind::Interrupted);
        assert_eq!(stop.check().unwrap_err().kind, Kind::Terminated);
    }

    #[test]
    fn a_part_that_is_given_up_does_not_stop_the_whole() {
        let whole = Stop::new();
        let (given_up, other) = (whole.for_part(), whole.for_part());
        given_up.give_up();
        assert!(given_up.is_requested());
        assert!(!whole.is_requested() && !other.is_requested());
        whole.request(Kind::Terminated);
        assert_eq!(other.check().unwrap_err().kind, Kind::Terminated);
    }
}
