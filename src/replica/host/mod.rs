//! A site's host: what lies where on it, what runs there, and which of its facts are described.

pub(super) mod beside;
pub(super) mod bind;
pub(super) mod clock;
pub(super) mod facts;
pub(super) mod files;
pub(super) mod layout;
pub(super) mod logs;
pub(super) mod observe;
pub(super) mod process;
pub(super) mod proxy;
pub(super) mod server;
pub(super) mod tls;
mod wsgi;
