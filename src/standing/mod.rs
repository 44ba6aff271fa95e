//! What stands in Docker: found by its labels alone, used, kept by its lease, and taken down.

mod cached;
mod found;
mod hold;
mod lease;
mod leasing;
mod reap;
mod redeploy;
mod teardown;
mod using;
mod way_in;

pub use cached::{Bounds, Cached, USUAL_BOUND, bytes_of, cached, superfluous};
pub use found::{Standing, standing};
pub use hold::{
    Hold, Work, expect_left_up, expect_no_redeploy, expect_whole, hold_replica, hold_site,
};
pub use lease::{LEFT_UP, Lease};
pub use leasing::{FAILED, extend, leave_up, record_redeploy, record_release};
pub use reap::{Reaped, reap};
pub use redeploy::{Redeploy, Stage, way_out_of_half};
pub use teardown::{Leftover, teardown, ways_out};
pub use using::{newest, of_another_folder, used};
pub use way_in::{Browser, WayIn, browser_commands, way_in};
