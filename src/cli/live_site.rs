//! `stagectl live`: the critical suite against the live site, after the deploy.

use std::path::{Path, PathBuf};

use super::context::{Aside, Context, finish, start};
use crate::cancel::Stop;
use crate::capture::Way;
use crate::event::{Goal, What};
use crate::failure::{Failure, Verdict};
use crate::live_site::{Asked, Meant, Rehearsed, Route, SshHost, examine, meant_live};
use crate::outside_look::{Detour, Lookout};
use crate::rehearsal::environment_of;
use crate::release::Release;
use crate::report::{Report, rehearsal_of, rehearsal_with};
use crate::run::{Workshop, in_shell};
use crate::site::{Project, SiteName};

/// Run the tests that are marked `read_only` against the live site, and hold it against its rehearsal
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl live site-a\n  stagectl live site-a --release dist/app-1.2-py3-none-any.whl --env BOARD_PASSWORD\n  stagectl live site-a --resolve www.site-a.example:443=192.0.2.7 --ca ca.pem\n\nNothing is deployed, and no replica is started."
)]
pub(super) struct LiveSiteArgs {
    /// The site that is looked at
    #[arg(value_name = "SITE")]
    site: SiteName,
    /// The release that was deployed: its rehearsal is what the site is held against; `release:` of
    /// environments/defaults.yaml if left out, or whatever was last rehearsed on the site
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    /// A variable of this environment that the tests get, such as a log-in; its value is never shown. May be given
    /// several times
    #[arg(long = "env", value_name = "NAME")]
    variables: Vec<String>,
    /// Another way to a port of a name, as `--connect-to` of curl has it; the connections are made from this machine. May
    /// be given several times
    #[arg(long, value_name = "NAME:PORT=ADDRESS[:PORT]")]
    resolve: Vec<Detour>,
    /// A PEM file with the certificates of a private authority, which are trusted beside those of this machine
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Let the tests' connections to the site's names be made from this host, by the system's `ssh`
    #[arg(long, value_name = "[USER@]HOST[:PORT]", value_parser = parse_ssh_host)]
    from_host: Option<Way>,
    /// Arguments for pytest, such as `-k login`; what they leave out is not judged
    #[arg(last = true, value_name = "PYTEST ARGS")]
    pytest: Vec<String>,
}

pub(super) async fn live_site(
    args: LiveSiteArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project_of(std::slice::from_ref(&args.site), Aside::Said)?;
    let site = project.site(&args.site)?;
    let again = again(&args);
    let lookout = Lookout::new(args.resolve, args.ca.as_deref())?;
    let roots = Workshop::of_this_machine().roots;
    let variable = |key: &str| std::env::var(key).ok();
    let meant = meant_live(site, &args.variables, (&lookout, roots.as_deref()), variable)?;
    let Against { release, rehearsal, mut notes } =
        against(&project, &args.site, args.release.as_deref())?;
    notes.extend(note_of_variables(&meant));
    if !args.pytest.is_empty() {
        let words = args.pytest.join(" ");
        notes.push(format!("the suite ran with `{words}`: no verdict about the whole of it"));
    }
    let rehearsed = rehearsal.and_then(|report| Rehearsed::of(report, site.name.as_str()));
    let is_another = |known: &Rehearsed| !known.is_described_as(&environment_of(site));
    if rehearsed.as_ref().is_some_and(is_another) {
        notes.push(format!(
            "the description of {}, or a file of it, is another today than in that rehearsal",
            site.name
        ));
    }
    let route = route(args.from_host);
    let started = start(context, (&project, &[site]), release, (Goal::Live, None), stop).await?;
    for message in notes {
        started.run.events.emit(What::Warning { message });
    }
    let pytest = args.pytest;
    let asked = Asked { site, meant, lookout, route, rehearsed, pytest, again };
    let verdict = examine(&started.run, &asked).await;
    finish(started)?;
    Ok(verdict)
}

/// A host that is reached by `ssh`, as `capture` has it.
fn parse_ssh_host(text: &str) -> Result<Way, String> {
    match text.parse()? {
        way @ Way::Ssh { .. } => Ok(way),
        _ => Err("a host is [USER@]HOST[:PORT] for ssh".to_owned()),
    }
}

/// From where the tests' connections are made.
fn route(from_host: Option<Way>) -> Route {
    match from_host {
        Some(Way::Ssh { destination, port }) => Route::Host(SshHost { destination, port }),
        _ => Route::Here,
    }
}

/// The command that asks the same again.
fn again(args: &LiveSiteArgs) -> String {
    let mut words = vec![format!("stagectl live {}", args.site)];
    let mut add = |flag: &str, value: &str| words.push(format!("{flag} {}", in_shell(value)));
    if let Some(release) = &args.release {
        add("--release", &release.display().to_string());
    }
    args.variables.iter().for_each(|name| add("--env", name));
    args.resolve.iter().for_each(|detour| add("--resolve", &detour.to_string()));
    if let Some(file) = &args.ca {
        add("--ca", &file.display().to_string());
    }
    args.from_host.iter().for_each(|host| add("--from-host", &host.to_string()));
    if !args.pytest.is_empty() {
        words.push("--".to_owned());
        words.extend(args.pytest.iter().map(|word| in_shell(word)));
    }
    words.join(" ")
}

/// What a live site is held against.
struct Against {
    /// `None` where nobody knows what is deployed.
    release: Option<Release>,
    rehearsal: Option<Report>,
    /// What a person has to know of it.
    notes: Vec<String>,
}

/// The rehearsal of the release that was named, or else the last one of the site.
///
/// # Errors
/// Usage: a release or a report that cannot be read.
fn against(project: &Project, site: &SiteName, asked: Option<&Path>) -> Result<Against, Failure> {
    let described = project.release.as_deref().filter(|path| path.exists());
    if asked.is_some() || described.is_some() {
        let release = Context::release(asked, project)?;
        let rehearsal = rehearsal_with(&project.root, site.as_str(), &release.digest)?;
        let shown = format!("{release} ({})", release.short_digest());
        let missing = format!(
            "{shown} was not rehearsed on {site}: there is nothing to hold the live site against"
        );
        let notes = if rehearsal.is_none() { vec![missing] } else { Vec::new() };
        return Ok(Against { release: Some(release), rehearsal, notes });
    }
    let rehearsal = rehearsal_of(&project.root, site.as_str(), None)?;
    let release = rehearsal.as_ref().and_then(recorded_release);
    let note = match (&rehearsal, &release) {
        (Some(report), Some(release)) => {
            format!(
                "no release was named: it is held against the last rehearsal of {site}, run {} of {release}",
                report.run
            )
        }
        (Some(report), None) => {
            format!(
                "no release was named: it is held against the last rehearsal of {site}, run {}",
                report.run
            )
        }
        (None, _) => {
            format!("{site} was not rehearsed yet: there is nothing to hold the live site against")
        }
    };
    Ok(Against { release, rehearsal, notes: vec![note] })
}

fn recorded_release(report: &Report) -> Option<Release> {
    let release = report.release.as_ref().filter(|release| release.digest.len() >= 8)?;
    let place = (release.digest.as_str(), PathBuf::from(&release.path));
    Some(Release::recorded(&release.name, Some(&release.version), place))
}

fn note_of_variables(meant: &Meant) -> Option<String> {
    let names = &meant.left_out;
    let (first, is_one) = (names.first()?, names.len() == 1);
    let (are, their) = if is_one { ("is", "its value is") } else { ("are", "their values are") };
    Some(format!(
        "{} {are} not passed to the tests, as {their} made for a rehearsal: `--env {first}` passes one of this environment",
        names.join(", ")
    ))
}
