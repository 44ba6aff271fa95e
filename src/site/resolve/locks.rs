//! `deploy.steps[].lock_timeout`: said where a step may wait for an open transaction, and nowhere else.

use std::collections::BTreeMap;

use super::Resolver;
use super::value::Complaint;
use crate::site::duration::parse_duration;
use crate::site::file::SiteFile;
use crate::site::model::{Service, ServiceKind, When};
use crate::site::problem::KeyPath;
use crate::site::value::Role;

impl Resolver<'_> {
    /// Refuses a time that no step could ever wait.
    pub(super) fn lock_timeouts(
        &mut self,
        file: &SiteFile,
        services: &BTreeMap<Role, Option<Service>>,
    ) {
        // One that is broken may be a database.
        let may_be_database = |service: &Option<Service>| {
            service.as_ref().is_none_or(|service| {
                matches!(service.kind, ServiceKind::Postgres(_) | ServiceKind::Mariadb(_))
            })
        };
        let has_database = services.values().any(may_be_database);
        for (index, step) in file.deploy.steps.iter().enumerate() {
            let Some(text) = &step.lock_timeout else { continue };
            let path = KeyPath::from(["deploy", "steps"]).key(index).key("lock_timeout");
            let complaint = if !file.deploy.lock_watch {
                Complaint::new("nobody holds a lock: `deploy.lock_watch` is false")
                    .hint("take one of both out")
            } else if !has_database {
                Complaint::new("the site has no PostgreSQL and no MariaDB to wait for")
                    .hint("take it out")
            } else if step.when == When::First {
                Complaint::new("a first installation waits for no transaction of a live release")
                    .hint("take it out, or let the step run in an upgrade: `when: every`")
            } else if parse_duration(text)
                .zip(parse_duration(&step.timeout))
                .is_some_and(|(wait, all)| wait >= all)
            {
                Complaint::new(format!(
                    "the step is ended before that: its `timeout` is {}",
                    step.timeout
                ))
                .hint("make it shorter")
            } else {
                continue;
            };
            self.complain(&path, complaint);
        }
    }
}
