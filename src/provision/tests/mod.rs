//! Tests of provisioning on the fake engine, by subject.

mod deploying;
mod every_request;
mod images;
mod order;
mod teardown;
