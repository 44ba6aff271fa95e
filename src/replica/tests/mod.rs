//! Tests of the replica as data, by subject.

mod config;
mod families;
mod host;
mod keys;
mod plan;
mod secrecy;
mod serving;
