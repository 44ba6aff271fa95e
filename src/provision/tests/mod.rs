//! Tests of provisioning on the fake engine, by subject.

mod closing;
mod deploying;
mod every_request;
mod images;
mod order;
mod redeploying;
mod teardown;
