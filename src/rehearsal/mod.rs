//! The turns of sites: rehearsed in order, brought up to stay, given another release, tested once more.

mod aftermath;
mod bring_up;
mod close;
mod compare;
mod confirm;
mod course;
mod evidence;
mod examine;
#[cfg(test)]
mod fixture;
mod in_use;
mod moment;
mod observe;
mod open;
mod outside;
mod partition;
mod reach;
mod redeploy;
mod refused;
mod rehearse;
mod room;
mod states;
mod test;
mod turn;
mod up;
mod upgrade;

pub use aftermath::tear_down;
pub use bring_up::reserve_network;
pub use close::{close, report_stops};
pub use confirm::confirm;
pub use course::{AfterFailure, Ahead, Course, Keep, Until};
pub use evidence::{Found, save, save_result};
pub use observe::OBSERVED_FILE;
pub use open::{read_own, read_secrets};
pub use partition::Part;
pub use redeploy::{Then, redeploy};
pub use rehearse::rehearse;
pub use room::free_room;
pub use test::test;
pub use turn::{Counts, Ended, FailureSigns, Outcome, environment_of, take_turn};
pub use up::bring_up_all;
pub use upgrade::{Back, Upgrade, Upgrades};

#[cfg(test)]
mod tests;
