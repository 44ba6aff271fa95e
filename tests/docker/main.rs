//! Tests against a real Docker Engine. They fail, not skip, without one, and each proves that
//! nothing with its label remains.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

mod added;
mod bad_deploys;
mod bases;
mod begun;
mod built;
mod bystanders;
mod captures;
mod causes;
mod certificates;
mod chains;
mod collected;
mod combinations;
mod confined;
mod crucial;
mod dist;
mod downtime;
mod driver;
mod ended_early;
mod engine;
mod engines;
mod experiments;
mod families;
mod faults;
mod halfway;
mod host;
mod hosts;
mod installers;
mod laptop;
mod link;
mod live;
mod locks;
mod outside;
mod parallel;
mod pictures;
mod pipelines;
mod rehearsals;
mod releases;
mod repeated;
mod reports;
mod samples;
#[path = "../ci/schema.rs"]
mod schema;
mod schemas;
mod secrets;
mod seeds;
mod service_egress;
mod service_ways;
mod services;
mod serving;
mod stage;
mod stops;
mod upgrades;
