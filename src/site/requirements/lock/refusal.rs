//! Why a lock cannot be taken.

/// Why a lock is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    NoLock(String),
    TooOld(String),
    /// A package of another place than an index: `git (https://...)`.
    NotOfAnIndex {
        package: String,
        source: String,
    },
}
