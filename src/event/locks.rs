//! What a deploy step locked in a database, and who waited meanwhile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a step of an upgrade locked in a database, beside a transaction that has read each table and stayed open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepLocks {
    /// The role of the database's service.
    pub service: String,
    pub database: String,
    /// The strongest lock on a table that was seen, waited for or held.
    pub strongest: Option<TableLock>,
    /// The longest that the step waited for the open transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited: Option<LockWait>,
    /// Seconds: the longest that another session waited for the step.
    pub others_waited: f64,
}

/// A lock on a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableLock {
    /// As the database calls it: `AccessExclusiveLock`, `MDL_EXCLUSIVE`.
    pub mode: String,
    pub table: String,
}

/// A statement that waited for a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LockWait {
    #[serde(flatten)]
    pub lock: TableLock,
    /// Its beginning, secrets redacted.
    pub statement: String,
    /// Who has read the table, and is not done.
    pub held_by: String,
    /// Seconds.
    pub seconds: f64,
}
