//! Tests of the replica as data, by subject.

mod config;
mod keys;
mod plan;
mod secrecy;
mod serving;
