//! The lines of each site as a part of the log that folds.

use std::time::Duration;

use jiff::Timestamp;

use crate::display::mode::Server;

/// Which site's part is open.
#[derive(Debug)]
pub(in crate::display) struct Folds {
    server: Server,
    /// The run's zero point: GitLab shows how long a part took.
    zero: Timestamp,
    open: Option<String>,
}

impl Folds {
    pub(in crate::display) fn new(server: Server, zero: Timestamp) -> Self {
        Folds { server, zero, open: None }
    }

    /// What comes before a line of this site.
    pub(in crate::display) fn enter(&mut self, site: &str, at: Duration) -> Vec<String> {
        if self.open.as_deref() == Some(site) {
            return Vec::new();
        }
        let mut lines = self.leave(at);
        self.open = Some(site.to_owned());
        lines.push(match self.server {
            Server::GitHub => format!("::group::{site}"),
            Server::GitLab => {
                let at = self.unix(at);
                format!("\u{1b}[0Ksection_start:{at}:{site}[collapsed=true]\r\u{1b}[0K{site}")
            }
        });
        lines
    }

    /// What comes after the last line of the site whose part is open.
    pub(in crate::display) fn leave(&mut self, at: Duration) -> Vec<String> {
        let Some(site) = self.open.take() else { return Vec::new() };
        vec![match self.server {
            Server::GitHub => "::endgroup::".to_owned(),
            Server::GitLab => {
                format!("\u{1b}[0Ksection_end:{}:{site}\r\u{1b}[0K", self.unix(at))
            }
        }]
    }

    fn unix(&self, at: Duration) -> i64 {
        self.zero.as_second().saturating_add(i64::try_from(at.as_secs()).unwrap_or(i64::MAX))
    }
}
