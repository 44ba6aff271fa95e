//! What stands around a site's host: stubs of hosts beyond the site, the way out, the way in, the load balancer.

pub(super) mod balancer;
pub(super) mod door;
pub(super) mod gateway;
pub(super) mod stubs;
