//! The roles of containers that every part of a replica knows.

/// The role of the proxy's own host, if it has one.
pub const PROXY: &str = "proxy";

/// The container's role.
pub const BALANCER: &str = "balancer";

/// The container's role.
pub const DOOR: &str = "door";

/// The container's role, and that of what it says.
pub const GATEWAY: &str = "gateway";

/// The container's role, and that of what it says.
pub const OUTSIDE: &str = "outside";
