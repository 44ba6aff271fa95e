//! What commands share: the project, the release, and the start of a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::output::OutputArgs;
use super::workshop::workshop;
use crate::display::{Display, say_warnings};
use crate::docker::{Docker, Owner};
use crate::event::{self, Events, Goal, Inventory, Recorder, What};
use crate::failure::Failure;
use crate::guardian::Guardian;
use crate::provision::{Images, Workshop};
use crate::rehearsal::{self, Run};
use crate::release::Release;
use crate::replica::{Ownership, RunId, Templates, beside, template_problems};
use crate::report::{
    Report, append_summary, run_folder, write, write_host_files, write_outputs, write_page,
};
use crate::site::{Project, Site, SiteName, Tls};
use crate::standing::LEFT_UP;
use crate::state;
use crate::tls::Authority;

/// Which certificate the sites have.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct NextCertificateArgs {
    /// With the certificates that come after today's (`tls.next`): sites without one have no turn
    #[arg(long)]
    pub(super) next_certificate: bool,
}

/// What the command line said of the surroundings.
#[derive(Debug)]
pub(super) struct Context {
    start: PathBuf,
    /// The flags about what is shown.
    pub(super) output: OutputArgs,
}

/// Whether a person hears that sites that are not asked for have problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    Said,
    Unsaid,
}

impl Context {
    pub(super) fn new(start: PathBuf, output: OutputArgs) -> Self {
        Context { start, output }
    }

    /// What `-C` said, as it was written.
    pub(super) fn start(&self) -> &Path {
        &self.start
    }

    /// The folder at hand, whether it is a project or not.
    ///
    /// # Errors
    /// Usage: it is not there.
    pub(super) fn folder(&self) -> Result<PathBuf, Failure> {
        let folder = self.start.canonicalize().and_then(|folder| {
            if folder.is_dir() { Ok(folder) } else { Err(std::io::ErrorKind::NotADirectory.into()) }
        });
        folder.map_err(|error| {
            Failure::usage(format!("could not find the folder {}", self.start.display()))
                .because(&error)
        })
    }

    /// The project's folder.
    ///
    /// # Errors
    /// Usage: there is none here or above.
    pub(super) fn root(&self) -> Result<PathBuf, Failure> {
        Project::find(&self.start)
    }

    /// The project with all its sites.
    ///
    /// # Errors
    /// Usage: no project here, or descriptions with problems.
    pub(super) fn project(&self) -> Result<Project, Failure> {
        let root = self.root()?;
        Project::load(&root, |key| std::env::var(key).ok()).map_err(Failure::from)
    }

    /// The project as far as these sites are concerned, all if none is named. Who hears of the problems of
    /// others goes on all the same.
    ///
    /// # Errors
    /// As [`Context::project`].
    pub(super) fn project_of(&self, sites: &[SiteName], aside: Aside) -> Result<Project, Failure> {
        let root = self.root()?;
        let loaded = Project::load_for(&root, sites, |key| std::env::var(key).ok());
        let (project, problems) = loaded.map_err(Failure::from)?;
        if aside == Aside::Said {
            let said =
                |file: &Path| format!("{} has problems: see `stagectl check`", file.display());
            let warnings: Vec<String> = problems.files().into_iter().map(said).collect();
            say_warnings(&warnings, self.output.wish());
        }
        Ok(project)
    }

    /// [`Context::project_of`] these, and the sites that are asked for: with the certificates that come next, where they are
    /// asked for.
    ///
    /// # Errors
    /// Those of [`Context::project`]; usage where there is no next certificate.
    pub(super) fn project_for(
        &self,
        names: &[SiteName],
        certificate: NextCertificateArgs,
    ) -> Result<(Project, Vec<SiteName>), Failure> {
        let mut project = self.project_of(names, Aside::Said)?;
        let names = if certificate.next_certificate {
            project.change_certificates(names)?
        } else {
            names.to_vec()
        };
        Ok((project, names))
    }

    /// The release that was asked for, or the one that the defaults name.
    ///
    /// # Errors
    /// Usage without any; usage or deploy when it cannot be read.
    pub(super) fn release(argument: Option<&Path>, project: &Project) -> Result<Release, Failure> {
        let path = argument.or(project.release.as_deref()).ok_or_else(|| {
            Failure::usage("there is no release to rehearse")
                .hint("name it: `--release dist/app-1.0-py3-none-any.whl`, or `release:` in environments/defaults.yaml")
        })?;
        Release::open(path)
    }
}

/// The sites that are asked for, or all, each with templates that can be rendered.
///
/// # Errors
/// Usage: names of no site, unset variables, and every template with a problem.
pub(super) fn chosen<'a>(
    project: &'a Project,
    names: &[SiteName],
) -> Result<Vec<&'a Site>, Failure> {
    let sites = project.choose(names)?;
    let templates = Templates::new(project.templates.clone());
    let mut problems: Vec<Failure> = Vec::new();
    for problem in sites.iter().flat_map(|site| template_problems(site, &templates)) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    match &problems[..] {
        [] => Ok(sites),
        [one] => Err(one.clone()),
        // Printed as one failure, they read as one after the other.
        [.., last] => {
            let line =
                |problem: &Failure| format!("{}: {}", problem.message, problem.causes.join(": "));
            let lines: Vec<String> = problems.iter().map(line).collect();
            let message = lines.join("\nerror: ");
            Err(Failure { message, causes: Vec::new(), ..last.clone() })
        }
    }
}

/// Everything that a run owns while it lasts.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) engine: Docker,
    pub(super) events: Events,
    recorder: Recorder,
    pub(super) ownership: Ownership,
    workshop: Workshop,
    templates: Templates,
    authority: Authority,
    images: Images,
    root: PathBuf,
    folder: PathBuf,
    guardian: Guardian,
    release: Release,
    release_argument: String,
    goal: Goal,
    lease: Duration,
}

/// Longer than any run takes: after that nobody answers for what a process made that cannot be seen
/// from here.
const LONGEST: Duration = Duration::from_hours(6);

/// How long a replica that was left up stays when nobody uses it, unless something else was said.
pub(super) const LEASE: Duration = Duration::from_hours(8);

impl Running {
    /// Starts a run: connects, reaps what is abandoned, starts the guardian, tells the beginning.
    ///
    /// # Errors
    /// Infrastructure: no Docker, no guardian, no folder for the evidence. Usage: `.stagectl` is not
    /// ours alone.
    pub(super) async fn start(
        context: &Context,
        project: &Project,
        sites: &[&Site],
        release: Release,
        goal: Goal,
        lease: Option<Duration>,
    ) -> Result<Running, Failure> {
        state::look_at(&project.root)?;
        let now = ZonedDateTime::now();
        let run = RunId::new(&now);
        let (engine, guardian) = tokio::join!(Docker::connect(), Guardian::start(&run));
        let (engine, guardian) = (engine?, guardian?);
        let recorder = Recorder::default();
        let display = Display::new(context.output.mode());
        let events = Events::new(vec![Box::new(recorder.clone()), Box::new(display)]);
        let started = Timestamp::now();
        let release_argument = shown_path(&release.path);
        events.emit(What::RunStarted {
            run: run.to_string(),
            goal,
            started,
            project: project.name.to_string(),
            release: Some(event::Release {
                name: release.name.clone(),
                version: release.version.clone().unwrap_or_default(),
                digest: release.digest.clone(),
                path: release_argument.clone(),
            }),
            sites: rehearsal::names(sites),
        });
        let reaped =
            crate::standing::reap(&engine, &Events::new(Vec::new()), started.as_second()).await?;
        for standing in &reaped.removed {
            let message =
                format!("removed what run {} had left behind of {}", standing.run, standing.site);
            events.emit(What::Warning { message });
        }
        let this_process = Owner::this_process().to_string();
        let stays = lease.is_some();
        let ownership = Ownership {
            project: project.name.to_string(),
            run: run.clone(),
            owner: if stays { LEFT_UP.to_owned() } else { this_process.clone() },
            process: stays.then_some(this_process),
            // What is left up has a marker with an end of its own.
            lease: i64::try_from(lease.unwrap_or(LONGEST).max(LONGEST).as_secs())
                .map_or(i64::MAX, |length| started.as_second().saturating_add(length)),
            release: in_words(&release),
        };
        let names: Vec<String> = project.sites.iter().flat_map(certified_names).collect();
        let folder = run_folder(&project.root, run.as_str())?;
        events.emit(What::FolderMade { folder: shown_path(&folder) });
        let authority = Authority::load_or_create(
            &project.root.join(".stagectl/tls"),
            project.name.as_str(),
            &names,
        )?;
        let workshop = workshop().on(engine.id());
        Ok(Running {
            engine,
            events,
            recorder,
            ownership,
            workshop,
            templates: Templates::new(project.templates.clone()),
            authority,
            images: Images::default(),
            root: project.root.clone(),
            folder,
            guardian,
            release,
            release_argument,
            goal,
            lease: lease.unwrap_or(LEASE),
        })
    }

    /// The run as the rehearsal sees it.
    pub(super) fn run<'a>(&'a self, stop: &'a crate::cancel::Stop) -> Run<'a, Docker> {
        Run {
            engine: &self.engine,
            release: &self.release,
            release_argument: self.release_argument.clone(),
            events: &self.events,
            stop,
            ownership: &self.ownership,
            workshop: &self.workshop,
            templates: &self.templates,
            authority: &self.authority,
            images: &self.images,
            root: self.root.clone(),
            folder: self.folder.clone(),
            shown_folder: shown_path(&self.folder),
            has_door: self.goal == Goal::Up,
            lease: self.lease,
        }
    }

    /// Writes the report, and lets the guardian go where nothing is left to do or it stays on
    /// purpose. Where something is left, or nobody knows, the guardian goes on.
    ///
    /// # Errors
    /// Infrastructure: the report cannot be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let report = Report::fold(&self.recorder.events());
        if report.kept.is_some() || report.inventory == Some(Inventory::default()) {
            self.guardian.dismiss();
        }
        drop(self.events);
        write(&self.folder, &report)?;
        write_host_files(&self.folder, &self.recorder.events())?;
        write_outputs(&self.folder, &self.recorder.events(), &report)?;
        write_page(&self.folder, &report)?;
        summarize(&report)
    }
}

/// Adds the run to the summary of the job, where a CI server has one.
///
/// # Errors
/// Infrastructure: it cannot be written.
pub(super) fn summarize(report: &Report) -> Result<(), Failure> {
    let is_there = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    match std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| is_there && !file.is_empty()) {
        Some(file) => append_summary(Path::new(&file), report),
        None => Ok(()),
    }
}

/// All names that a certificate of the site's may carry: the root is good for these, and no others.
fn certified_names(site: &Site) -> Vec<String> {
    let public = site.names.iter().chain(&site.wildcards).map(ToString::to_string);
    let certified = site.tls.iter().flat_map(Tls::said_names).map(str::to_owned);
    let beside = beside(site).flat_map(|shape| shape.names);
    public.chain(certified).chain(beside).collect()
}

/// Name, version and digest of a release, as labels carry them.
pub(super) fn in_words(release: &Release) -> String {
    let version = release.version.as_deref().unwrap_or("-");
    format!("{} {version} ({})", release.name, release.short_digest())
}

/// A path as a person in this folder would write it.
pub(super) fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
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
