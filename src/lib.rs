//! stagectl: the full dress rehearsal of a WSGI release, on a Docker replica of every live site.
//!
//! The layers, from the bottom (docs/design.md in short; `tests/layers.rs` holds the code to it):
//! `failure`, `cancel`, `digest`, `bounded`, `packing`, `state`, `cause`, `python` · `site`, `release`, `tls` · `draft` · `replica` · `event` · `docker`, `http`, `outside_look` · `package_index`, `capture`, `drift` ·
//! `inside` · `display`, `report` · `standing`, `suite`, `guardian`, `run` · `provision` · `rehearsal`, `doctor` · `session`, `experiment`, `live_site` · `cli`.

pub mod bounded;
pub mod cancel;
pub mod capture;
mod cause;
pub mod cli;
pub mod digest;
pub mod display;
pub mod docker;
pub mod doctor;
pub mod draft;
pub mod drift;
pub mod event;
pub mod experiment;
pub mod failure;
pub mod guardian;
pub mod http;
pub mod inside;
pub mod live_site;
pub mod outside_look;
pub mod package_index;
pub mod packing;
pub mod provision;
pub mod python;
pub mod rehearsal;
pub mod release;
pub mod replica;
pub mod report;
pub mod run;
pub mod session;
pub mod site;
pub mod ssh;
pub mod standing;
pub mod state;
pub mod suite;
pub mod tls;
