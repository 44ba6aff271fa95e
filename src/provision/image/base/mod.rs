//! Bases: from the local store, the registry, an archive, or bootstrapped from Debian's packages.

mod bootstrap;
mod origin;
mod rootfs;
mod stream;

pub(super) use origin::{ensure, find};
