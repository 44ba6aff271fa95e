//! `stagectl capture` and `drift`: replicas of which the truth is known, and hosts that stagectl did not make.

mod archive;
mod from_host;
mod hosts;
mod liar;
mod live_host;
mod several;
mod truth;
