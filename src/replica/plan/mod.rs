//! The plan of a replica: every step as data, with its cause and what must come before. Printing
//! it is the dry run; executing it makes no decisions.

mod builder;
mod describe;
mod handles;
mod hosts;
mod live_suite;
mod make;
mod network;
mod redeploy;
mod services;
mod step;
mod whole;

pub use handles::Handles;
pub use live_suite::LiveSuite;
pub use redeploy::Part;
pub use step::{Before, HostFiles, Planned, Reached, Stage, Step, StepId};
pub use whole::{Plan, Target};
