//! A description from a live host: the host is read by one script that writes nothing there, what it says becomes keys,
//! each with where it comes from, and what could not be read is said with the command that would.

mod answer;
mod app;
mod describe;
mod description;
mod found;
mod host;
mod key;
mod look;
mod script;
mod share;
mod way;
mod write;

pub use answer::Answer;
pub use app::{App, Server};
pub use describe::{Scene, Wishes, describe, has_front, names_of};
pub use description::{Beside, Description, Key, Todo};
pub use found::{apps_of, choose};
pub use host::Host;
pub use key::fingerprint_key;
pub use look::look_at;
pub use script::{Questions, is_word, script};
pub use share::{SHARED, share};
pub use way::{Terms, Way};
pub use write::text_of;
