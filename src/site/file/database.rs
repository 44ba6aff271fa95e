//! The keys of a further database of a service.

use schemars::JsonSchema;
use serde::Deserialize;

/// One more database of the same server, beside the one that `database` names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Database")]
pub(in crate::site) struct DatabaseFile {
    /// Who logs in for it; the service's `user` if left out.
    #[schemars(example = &"reporting")]
    pub(in crate::site) user: Option<String>,
    /// What that user logs in with: required for one that no other database of the service has. It may refer
    /// to a secret.
    #[schemars(example = &"${secret.reporting}")]
    pub(in crate::site) password: Option<String>,
    /// The role that owns it and all that its seed makes (postgres); its user if left out.
    #[schemars(example = &"curator")]
    pub(in crate::site) owner: Option<String>,
    /// What its user may do with it (mariadb); everything if left out.
    #[schemars(example = ["SELECT"])]
    pub(in crate::site) grants: Option<Vec<String>>,
    /// Its encoding; that of the server if left out.
    #[schemars(example = &"UTF8")]
    pub(in crate::site) encoding: Option<String>,
    /// Its collation; that of the server, or of the encoding, if left out.
    #[schemars(example = &"C")]
    pub(in crate::site) collation: Option<String>,
    /// Extensions created in it (postgres).
    #[schemars(example = ["pg_trgm"])]
    pub(in crate::site) extensions: Option<Vec<String>>,
    /// Its data, as the service's `seed` is written.
    #[schemars(example = &"seeds/reporting.sql.gz")]
    pub(in crate::site) seed: Option<String>,
    /// SQL files run in it once after its seed, in order, by the superuser: paths from the description's folder.
    #[schemars(example = ["sql/reporting.sql"])]
    pub(in crate::site) init: Option<Vec<String>>,
}
