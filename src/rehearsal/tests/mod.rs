//! Tests of whole rehearsals on the fake engine, by subject.

mod course;
mod every_request;
mod examination;
mod in_use;
mod leases;
mod left;
mod reaping;
mod repeated;
mod results;
mod upgrades;
