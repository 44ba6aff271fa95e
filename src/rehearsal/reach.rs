//! How a replica that stays is reached: what is reported of it, and what its later commands find in it.

use std::path::PathBuf;

use jiff::{Timestamp, ZonedDateTime};

use super::turn::{Made, Turn};
use crate::docker::Engine;
use crate::event::{Hint, What, span_in_words};
use crate::failure::Failure;
use crate::replica::{Handles, Secrets, SessionFacts, Ways};
use crate::run::{Run, path_from_here};
use crate::site::Site;
use crate::standing::way_in;

/// What a later command has to know of the replica.
///
/// # Errors
/// Infrastructure: the file of what is to be trusted cannot be written.
pub(super) fn session_facts<E: Engine>(
    run: &Run<E>,
    site: &Site,
    (secrets, handles): (&Secrets, &Handles),
) -> Result<SessionFacts, Failure> {
    Ok(SessionFacts::of(site, secrets, handles, ways(run, site)?))
}

fn ways<E: Engine>(run: &Run<E>, site: &Site) -> Result<Ways, Failure> {
    let file = |tls| run.authority.file_to_trust(site.name.as_str(), tls, Timestamp::now());
    let trusted: Option<PathBuf> = site.tls.as_ref().map(file).transpose()?;
    Ok(Ways::of(site, trusted))
}

impl<'r, E: Engine> Turn<'r, E> {
    /// Reports how a replica that was asked for is reached, and what may come next.
    pub(super) async fn report_reachable(&self, made: &Made<'r, E>) {
        let name = &self.site.name;
        let next = [
            (
                Hint::NEXT,
                format!("stagectl open {name}, test, logs -f, shell, redeploy; at the end down"),
            ),
            (Hint::WAYS, format!("stagectl open {name} --how")),
        ];
        self.report_way_in(made, next.into()).await;
    }

    /// Reports how a replica that was left up to be looked at is reached, entered and removed.
    pub(super) async fn report_kept(&self, made: &Made<'r, E>) {
        let name = &self.site.name;
        let next = [
            (Hint::SHELL, format!("stagectl shell {name}")),
            (Hint::NEXT, format!("stagectl down {name}")),
        ];
        self.report_way_in(made, next.into()).await;
    }

    async fn report_way_in(&self, made: &Made<'r, E>, next: Vec<(&str, String)>) {
        let lease = [(Hint::LEASE, self.lease_in_words())];
        let brief = lease.into_iter().chain(next.clone());
        let brief = brief.map(|(topic, text)| Hint { topic: topic.to_owned(), text });
        let found = async {
            let ways = ways(self.run, self.site)?;
            let door =
                way_in(&self.run.engine, &made.replica.handles.door, self.site.name.as_str());
            Ok::<_, Failure>((ways, door.await?))
        };
        self.events.emit(match found.await {
            Ok((ways, found)) => {
                let root = ways.trusted.as_deref().map(path_from_here);
                What::Reachable {
                    url: found.click(self.site.name.as_str(), &ways.prefix),
                    command: found.curl(&ways, root.as_deref()),
                    more: found.hints(&ways, root.as_deref()).into_iter().chain(brief).collect(),
                }
            }
            // It may not have come as far as that; what can be done with it holds all the same.
            Err(failure) => {
                let next: Vec<String> =
                    next.into_iter().map(|(_, text)| format!("`{text}`")).collect();
                let message = format!("no address: {}; next: {}", failure.message, next.join(", "));
                What::Warning { message }
            }
        });
    }

    fn lease_in_words(&self) -> String {
        let lease = self.run.lease;
        let length = span_in_words(lease.as_secs().cast_signed());
        let until = ZonedDateTime::now().checked_add(lease).map(|until| until.strftime("%a %H:%M"));
        let until = until.map_or_else(|_| "for ever".to_owned(), |until| format!("until {until}"));
        format!("{until}; each use begins its {length} anew")
    }
}
