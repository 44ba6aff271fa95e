//! What stands in Docker: found by its labels alone, used, kept by its lease, and taken down.

mod found;
mod lease;
mod leasing;
mod reap;
mod teardown;
mod using;

pub use found::{Standing, standing};
pub use lease::{LEFT_UP, Lease};
pub use leasing::{extend, leave_up, record_release};
pub use reap::{Reaped, reap};
pub use teardown::{Leftover, teardown, ways_out};
pub use using::{newest, used};
