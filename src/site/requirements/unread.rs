//! Why a file of requirements cannot be read.

/// Why a file cannot be read, and what to do about it.
pub type Unread = (String, Option<String>);
