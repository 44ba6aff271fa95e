//! stagectl: the full dress rehearsal of a WSGI release, on a Docker replica of every live site.
//!
//! The layers, from the bottom (docs/design.md in short; `tests/layers.rs` holds the code to it):
//! `failure`, `cancel`, `digest`, `bounded`, `state`, `cause` · `site`, `release`, `tls` · `draft` · `replica` · `event` · `docker`, `http` ·
//! `inside` · `display`, `report` · `provision`, `suite` · `guardian` · `rehearsal`, `doctor` · `session` · `cli`.

pub mod bounded;
pub mod cancel;
pub mod cause;
pub mod cli;
pub mod digest;
pub mod display;
pub mod docker;
pub mod doctor;
pub mod draft;
pub mod event;
pub mod failure;
pub mod guardian;
pub mod http;
pub mod inside;
pub mod provision;
pub mod rehearsal;
pub mod release;
pub mod replica;
pub mod report;
pub mod session;
pub mod site;
pub mod state;
pub mod suite;
pub mod tls;
