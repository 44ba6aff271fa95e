//! The start of a run: connects, reaps what is abandoned, starts the guardian, reports the beginning.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::surroundings::surroundings;
use super::{Run, Started, Workshop, path_from_here, release_label};
use crate::cancel::Stop;
use crate::docker::{Docker, Engine as _, Owner};
use crate::event::{self, Events, Goal, Listener, Recorder, What};
use crate::failure::Failure;
use crate::guardian::Guardian;
use crate::release::Release;
use crate::replica::{Ownership, RunId, RunSpec, Templates, further_certificates};
use crate::report::{keep_description, run_folder};
use crate::site::{Project, Site, Tls, description};
use crate::standing::{LEFT_UP, Leftover, reap};
use crate::state;
use crate::tls::Authority;

/// Longer than any run takes: after that nobody answers for what a process made that cannot be seen
/// from here.
const LONGEST: Duration = Duration::from_hours(6);

/// How long a replica that was left up stays when nobody uses it, unless something else was said.
pub const LEASE: Duration = Duration::from_hours(8);

/// What a run starts with.
pub struct Start<'a> {
    pub project: &'a Project,
    pub sites: &'a [&'a Site],
    /// None where nobody knows it: nothing of it is needed then.
    pub release: Option<Release>,
    pub goal: Goal,
    /// Of replicas that stay; none where none does.
    pub lease: Option<Duration>,
    /// Who shows what happens.
    pub display: Box<dyn Listener>,
    pub stop: Stop,
}

impl Start<'_> {
    /// Starts the run.
    ///
    /// # Errors
    /// Infrastructure: no Docker, no guardian, no folder for the evidence. Usage: `.stagectl` is not
    /// ours alone.
    pub async fn start(self) -> Result<Started, Failure> {
        let Start { project, sites, release, goal, lease, display, stop } = self;
        state::look_at(&project.root)?;
        let now = ZonedDateTime::now();
        let run = RunId::new(&now);
        let (engine, guardian) = tokio::join!(Docker::connect(), Guardian::start(&run));
        let (engine, guardian) = (engine?, guardian?);
        let recorder = Recorder::default();
        let events = Events::new(vec![Box::new(recorder.clone()), display]);
        let started = Timestamp::now();
        let known = release.is_some();
        let release = release.unwrap_or_else(|| Release::unknown(project.name.as_str()));
        let release_argument = path_from_here(&release.path);
        events.emit(What::RunStarted {
            run: run.to_string(),
            goal,
            started,
            project: project.name.to_string(),
            release: known.then(|| event::Release {
                name: release.name.clone(),
                version: release.version.clone().unwrap_or_default(),
                digest: release.digest.clone(),
                path: release_argument.clone(),
            }),
            sites: sites.iter().map(|site| site.name.clone()).collect(),
        });
        let seen = surroundings(&engine.info().await?, sites);
        events.emit(What::Surroundings { surroundings: seen });
        let reaped = reap(&engine, &Events::new(Vec::new()), started.as_second()).await?;
        for standing in &reaped.removed {
            let message =
                format!("removed what run {} had left behind of {}", standing.run, standing.site);
            events.emit(What::Warning { message });
        }
        for left in &reaped.left {
            let Leftover { resource, error } = left;
            let message = format!(
                "an earlier run left {} {} behind, and it could not be removed: {error}; {}",
                resource.kind.name(),
                resource.name,
                left.way_out()
            );
            events.emit(What::Warning { message });
        }
        let this_process = Owner::this_process().to_string();
        let stays = lease.is_some();
        let ownership = Ownership {
            project: project.name.to_string(),
            folder: project.root.display().to_string(),
            run: run.clone(),
            owner: if stays { LEFT_UP.to_owned() } else { this_process.clone() },
            process: stays.then_some(this_process),
            // What is left up has a marker with an end of its own.
            lease: i64::try_from(lease.unwrap_or(LONGEST).max(LONGEST).as_secs())
                .map_or(i64::MAX, |length| started.as_second().saturating_add(length)),
            release: release_label(&release),
        };
        let names: Vec<String> = project.sites.iter().flat_map(certified_names).collect();
        let folder = run_folder(&project.root, run.as_str())?;
        events.emit(What::FolderMade { folder: path_from_here(&folder) });
        if goal == Goal::Rehearse {
            for site in sites {
                keep_description(&folder, &site.name, &description(project, site)?)?;
            }
        }
        let authority = Authority::load_or_create(
            &project.root.join(".stagectl/tls"),
            project.name.as_str(),
            &names,
        )?;
        let workshop = Workshop::of_this_machine().on(engine.id());
        let run = Run {
            engine,
            spec: RunSpec {
                release,
                ownership,
                templates: Templates::new(project.templates.clone()),
                // Whatever may stay is looked at from outside.
                has_door: stays,

                gives_way: false,
                observes: false,
                suite: None,
            },
            release_argument,
            events,
            stop,
            workshop,
            authority,
            root: project.root.clone(),
            shown_folder: path_from_here(&folder),
            folder,
            lease: lease.unwrap_or(LEASE),
        };
        Ok(Started { run, recorder, guardian })
    }
}

/// All names that a certificate of the site's may carry: the root is good for these, and no others.
fn certified_names(site: &Site) -> Vec<String> {
    let public = site.names.iter().chain(&site.wildcards).map(ToString::to_string);
    let certified = site.tls.iter().flat_map(Tls::said_names).map(str::to_owned);
    let beside = further_certificates(site).flat_map(|shape| shape.names);
    public.chain(certified).chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_good_for_what_certificates_say() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("environments")).unwrap();
        std::fs::create_dir_all(folder.path().join("tests")).unwrap();
        let description = "{base: {debian: bookworm}, names: [www.shop.example], \
            tls: {certificate: {names: ['*.shop.example']}}, \
            wsgi: {server: gunicorn, application: 'shop:app'}, critical: {path: ../tests}}";
        std::fs::write(folder.path().join("environments/shop.yaml"), description).unwrap();
        let project = Project::load(folder.path(), |_| None).unwrap();
        assert_eq!(certified_names(&project.sites[0]), ["www.shop.example", "*.shop.example"]);
    }
}
