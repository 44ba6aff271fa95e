//! `stagectl capture`: a site's description from its live host.

use std::path::{Path, PathBuf};

use super::asked::AskedArgs;
use super::captured::{Captured, read};
use super::context::Context;
use crate::cancel::Stop;
use crate::capture::{Way, Wishes, fingerprint_key, script, text_of};
use crate::display::print_data;
use crate::draft::write;
use crate::drift::{Look, beyond};
use crate::failure::{Failure, Verdict};
use crate::site::{HostName, Project, SiteName};
use crate::state;

/// Describe a site by reading its live host: nothing is written there
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A host is [USER@]HOST[:PORT] for the system's ssh, docker://[USER@]CONTAINER, rootfs://ARCHIVE of its root file
system, or local.

Examples:
  stagectl capture site-d deploy@www.site-d.example --unit noticeboard.service
  stagectl capture site-d app@app1 admin@proxy1       the app's host first, then that of the proxy
  stagectl capture --script > read.sh                 what is run there, for an administrator
  stagectl capture site-d --from-file answer.txt      what came back"
)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct CaptureArgs {
    /// The new site's name
    #[arg(required_unless_present = "script")]
    site: Option<SiteName>,
    /// Its host, or hosts: that of the app first
    #[arg(value_name = "HOST")]
    hosts: Vec<Way>,
    #[command(flatten)]
    asked: AskedArgs,
    /// A public name of the site; those of the proxy's configuration if left out. May be given several times
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<HostName>,
    /// Hold Debian's packages at the versions that the host has
    #[arg(long)]
    pin: bool,
    /// Do not look at the site from here
    #[arg(long)]
    no_look: bool,
    /// Print the description, and write nothing
    #[arg(long)]
    print: bool,
    /// Print the script that reads a host, and do nothing else
    #[arg(long, conflicts_with_all = ["hosts", "from_file", "print"])]
    script: bool,
    /// What the script said on a host, in a file. May be given several times
    #[arg(long, value_name = "FILE", conflicts_with = "hosts")]
    from_file: Vec<PathBuf>,
}

pub(super) async fn capture(
    args: CaptureArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let root = context.root().or_else(|_| context.folder())?;
    state::look_at(&root)?;
    let Some(site) = args.site.clone().filter(|_| !args.script) else {
        print_data(&script(&args.asked.questions(fingerprint_key(&root)?)?))?;
        return Ok(Verdict::Passed);
    };
    if !args.print {
        is_new(&root, &site)?;
    }
    let of_files = || args.from_file.iter().map(|file| Way::File(file.clone())).collect();
    let ways: Vec<Way> = if args.from_file.is_empty() { args.hosts.clone() } else { of_files() };
    if ways.is_empty() {
        return Err(Failure::usage("there is no host to read").hint(format!(
            "name it: `stagectl capture {site} [USER@]HOST`, docker://CONTAINER, rootfs://ARCHIVE, or local"
        )));
    }
    let names = args.names.iter().map(ToString::to_string).collect();
    let wishes =
        Wishes { site: site.to_string(), names, pin: args.pin, has_suite: has_suite(&root) };
    let captured = read(&root, &ways, &args.asked, wishes, !args.no_look, &stop).await?;
    let mut captured = captured;
    say_where(&mut captured, &root, &ways, &args.asked);
    let text = text_of(&captured.description, &head(&captured, &ways));
    if args.print {
        print_data(&text)?;
        return Ok(Verdict::Passed);
    }
    let mut files = vec![(format!("environments/{site}.yaml"), text.into_bytes())];
    let beside = captured.description.files.iter();
    files.extend(
        beside.map(|file| (format!("environments/{site}/{}", file.path), file.bytes.clone())),
    );
    let written = write(&root, &files)?;
    // The first look: what is not as it was now is news from now on.
    let all = beyond(&serde_json::json!({}), &captured.description);
    let look = Look::of(&[], &captured.description.marks, all, jiff::Timestamp::now());
    look.keep(&root, site.as_str())?;
    let summary = captured.in_words(&site, &written.files, context.start());
    print_data(&summary)?;
    Ok(Verdict::Passed)
}

/// Where the site was read, so that it can be read again.
fn say_where(captured: &mut Captured, root: &Path, ways: &[Way], asked: &AskedArgs) {
    let hosts: Vec<String> = ways
        .iter()
        .filter(|way| !matches!(way, Way::File(_)))
        .map(|way| way.for_description(root).to_string())
        .collect();
    if hosts.is_empty() {
        return;
    }
    let into = &mut captured.description;
    into.set("capture.hosts", hosts, "`stagectl drift` reads it there again");
    into.set_some("capture.unit", asked.unit.clone(), "");
    if asked.sudo {
        into.set("capture.sudo", true, "");
    }
    if !asked.harmless.is_empty() {
        into.set("capture.harmless", asked.harmless.clone(), "");
    }
}

/// A site that is described is not described anew.
fn is_new(root: &Path, site: &SiteName) -> Result<(), Failure> {
    if site.as_str() == "defaults" {
        return Err(Failure::usage(
            "`defaults` is the file of what all sites share: nothing was written",
        )
        .hint("choose another name"));
    }
    for path in [format!("environments/{site}.yaml"), format!("environments/{site}")] {
        if root.join(&path).symlink_metadata().is_ok() {
            return Err(Failure::usage(format!("{path} is there already: nothing was written")).hint(format!(
                "compare it with the live host: `stagectl drift {site}`; or see what would be written: `--print`"
            )));
        }
    }
    Ok(())
}

/// Whether what all sites share says which tests are critical.
fn has_suite(root: &Path) -> bool {
    let text = std::fs::read_to_string(root.join("environments/defaults.yaml")).unwrap_or_default();
    text.lines().any(|line| line.starts_with("critical:"))
        || Project::load(root, |_| None)
            .is_ok_and(|project| !project.sites.is_empty() && text.contains("critical"))
}

/// The first lines of the description.
fn head(captured: &Captured, ways: &[Way]) -> Vec<String> {
    let today = jiff::ZonedDateTime::now().strftime("%Y-%m-%d").to_string();
    let from: Vec<String> = ways
        .iter()
        .zip(&captured.hosts)
        .map(|(way, host)| format!("{way} as {}", host.system.reader))
        .collect();
    vec![format!("Captured on {today} from {}. Edit it: it is yours.", from.join(", "))]
}
