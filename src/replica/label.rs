//! The keys of the labels on everything that stagectl makes in Docker: its only state, read back by
//! any later run.

/// What all of them begin with.
pub const PREFIX: &str = "dev.stagectl.";
pub const PROJECT: &str = "dev.stagectl.project";
/// The folder of the project: another one may have the same name.
pub const FOLDER: &str = "dev.stagectl.folder";
pub const RUN: &str = "dev.stagectl.run";
pub const SITE: &str = "dev.stagectl.site";
pub const ROLE: &str = "dev.stagectl.role";
/// Who answers for it: host, boot id, process and its start time; or `lease`.
pub const OWNER: &str = "dev.stagectl.owner";
/// Of what is meant to be left up: the process that answers for it until it is, named as an owner.
pub const PROCESS: &str = "dev.stagectl.process";
/// Seconds since 1970 after which nobody answers for it any more.
pub const LEASE: &str = "dev.stagectl.lease";
/// Of a lease: its length in seconds; each use of the replica begins it anew.
pub const LENGTH: &str = "dev.stagectl.length";
/// Of an image: its place in the chain.
pub const KIND: &str = "dev.stagectl.kind";
/// Of an image: the digest of all that went in.
pub const KEY: &str = "dev.stagectl.key";
/// Of a replica: the release that runs there.
pub const RELEASE: &str = "dev.stagectl.release";
/// Of a lease: the roles of all containers of the replica.
pub const ROLES: &str = "dev.stagectl.roles";
/// Of a lease: when a redeploy without an end began, and the process that began it.
pub const REDEPLOY: &str = "dev.stagectl.redeploy";
