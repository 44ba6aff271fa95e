//! What commands share: the project, the release, and the start of a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::output::OutputArgs;
use crate::cancel::Stop;
use crate::display::{Display, say_warnings};
use crate::event::{Goal, Inventory};
use crate::failure::Failure;
use crate::release::Release;
use crate::replica::{Templates, template_problems};
use crate::report::{Report, append_summary, write_page, write_record, write_trends};
use crate::run::{Start, Started};
use crate::site::{Project, Setting, Site, SiteName, parse_duration};

/// Which certificate the sites have.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct NextCertificateArgs {
    /// With the certificates that come after today's (`tls.next`): sites without one have no turn
    #[arg(long)]
    pub(super) next_certificate: bool,
}

/// What sites have that their descriptions do not say.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SettingArgs {
    /// Another value of a key than the description has, such as `env.THEME=night` or `tls.certificate.key=rsa-4096`;
    /// `null` takes the key away. May be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<Setting>,
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
        self.project_with(sites, &SettingArgs::default(), aside)
    }

    /// [`Context::project_of`] these, with what the command line sets of them.
    ///
    /// # Errors
    /// As [`Context::project`].
    pub(super) fn project_with(
        &self,
        sites: &[SiteName],
        SettingArgs { settings }: &SettingArgs,
        aside: Aside,
    ) -> Result<Project, Failure> {
        let root = self.root()?;
        let loaded = Project::load_for(&root, sites, settings, |key| std::env::var(key).ok());
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
        settings: &SettingArgs,
    ) -> Result<(Project, Vec<SiteName>), Failure> {
        let mut project = self.project_with(names, settings, Aside::Said)?;
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
        let suites = project.sites.iter().filter_map(|site| site.critical.suite.folder());
        Release::open_without(path, &suites.collect::<Vec<_>>())
    }
}

/// `90min`, `8h`: a span as a description has it, too.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write a number and its unit: 90min, 8h".to_owned())
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

/// Starts a run whose events are shown as the command line says.
///
/// # Errors
/// As [`Start::start`].
pub(super) async fn start(
    context: &Context,
    (project, sites): (&Project, &[&Site]),
    release: impl Into<Option<Release>>,
    (goal, lease): (Goal, Option<Duration>),
    stop: Stop,
) -> Result<Started, Failure> {
    let display = Box::new(Display::new(context.output.mode()));
    let release = release.into();
    Start { project, sites, release, goal, lease, display, stop }.start().await
}

/// Writes the report, which it returns, and lets the guardian go where nothing is left to do or it stays on
/// purpose. Where something is left, or nobody knows, the guardian goes on.
///
/// # Errors
/// Infrastructure: the report cannot be written.
pub(super) fn finish(started: Started) -> Result<Report, Failure> {
    let report = record(started)?;
    summarize(&report)?;
    Ok(report)
}

/// [`finish`] without the summary of a job, for what has more to say.
///
/// # Errors
/// Infrastructure: the report cannot be written.
pub(super) fn record(started: Started) -> Result<Report, Failure> {
    let Started { run, recorder, guardian } = started;
    let report = Report::fold(&recorder.events());
    if report.kept.is_some() || report.inventory == Some(Inventory::default()) {
        guardian.dismiss();
    }
    let (folder, root) = (run.folder.clone(), run.root.clone());
    // Its display shows the end now.
    drop(run);
    write_record(&folder, &recorder.events(), &report)?;
    write_trends(&root)?;
    write_page(&folder, &report)?;
    Ok(report)
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
