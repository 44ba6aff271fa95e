//! Tests of the replica as data, by subject.

mod added;
mod balancer;
mod config;
mod contract;
mod families;
mod files;
mod host;
mod hosts;
mod jobs;
mod keys;
mod paths;
mod plan;
mod releases;
mod restart;
mod samples;
mod secrecy;
mod services;
mod serving;
mod systemd;
