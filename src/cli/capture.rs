//! `stagectl capture`: a site's description from its live host, and several at once with what they share.

mod defaults;
mod target;

use std::path::{Path, PathBuf};

use serde_json::Value;

use self::defaults::{read_defaults, replace, take_back, take_out_shared};
use self::target::{Target, read_targets};
use super::asked::AskedArgs;
use super::captured::{Captured, read};
use super::context::Context;
use crate::cancel::Stop;
use crate::capture::{Description, Way, Wishes, fingerprint_key, script, text_of};
use crate::display::print_data;
use crate::draft::write;
use crate::drift::{Look, beyond};
use crate::failure::{Failure, Kind, Verdict};
use crate::site::{HostName, SiteName};
use crate::state;

/// Describe a site by reading its live host: nothing is written there
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A host is [USER@]HOST[:PORT] for the system's ssh, docker://[USER@]CONTAINER, rootfs://ARCHIVE of its root file
system, file://ANSWER of the script, or local.

Examples:
  stagectl capture site-d deploy@www.site-d.example --unit noticeboard.service
  stagectl capture site-d app@app1 admin@proxy1       the app's host first, then that of the proxy
  stagectl capture site-d=deploy@d1 site-e=deploy@e1  several sites; what they share goes into defaults.yaml
  stagectl capture --script > read.sh                 what is run there, for an administrator
  stagectl capture site-d --from-file answer.txt      what came back"
)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct CaptureArgs {
    /// The new site's name; or SITE=HOST for each of several sites
    #[arg(required_unless_present = "script")]
    site: Option<String>,
    /// Its host, or hosts: that of the app first
    #[arg(value_name = "HOST")]
    hosts: Vec<String>,
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
    if args.script {
        print_data(&script(&args.asked.questions(fingerprint_key(&root)?)?))?;
        return Ok(Verdict::Passed);
    }
    let words: Vec<String> = args.site.iter().chain(&args.hosts).cloned().collect();
    let targets = read_targets(&words, &args.from_file)?;
    if targets.len() > 1 && !args.names.is_empty() {
        return Err(Failure::usage("of which site is `--name`?")
            .hint("capture that site by itself, or edit `names` afterwards"));
    }
    if !args.print {
        targets.iter().try_for_each(|target| is_new(&root, &target.site))?;
    }
    let said = read_defaults(&root)?;
    let of = (&said, targets.len() > 1);
    let all = targets.iter().map(|target| captured(&args, &root, target, of, &stop));
    let all: Vec<Captured> =
        futures_util::future::join_all(all).await.into_iter().collect::<Result<_, _>>()?;
    // The first look: what is not as it was now is news from now on.
    let looks: Vec<Look> = all.iter().map(|one| first_look(&one.description)).collect();
    let mut sites: Vec<(String, Description)> = targets
        .iter()
        .zip(&all)
        .map(|(target, one)| (target.site.to_string(), one.description.clone()))
        .collect();
    let heads: Vec<Vec<String>> =
        targets.iter().zip(&all).map(|(target, one)| head(one, &target.ways)).collect();
    let common = take_out_shared(&root, &mut sites)?;
    let texts: Vec<String> =
        sites.iter().zip(&heads).map(|((_, site), head)| text_of(site, head)).collect();
    if args.print {
        print_data(&in_one(&sites, &texts, common.text.as_deref()))?;
        return Ok(Verdict::Passed);
    }
    let mut files: Vec<(String, Vec<u8>)> = common.files.clone();
    if let Some(text) = common.text.as_ref().filter(|_| !common.is_there) {
        files.push(("environments/defaults.yaml".to_owned(), text.clone().into_bytes()));
    }
    for ((site, description), text) in sites.iter().zip(&texts) {
        files.push((format!("environments/{site}.yaml"), text.clone().into_bytes()));
        let beside = description.files.iter();
        files.extend(
            beside.map(|file| (format!("environments/{site}/{}", file.path), file.bytes.clone())),
        );
    }
    let written = write(&root, &files)?;
    if let Some(text) = common.text.as_ref().filter(|_| common.is_there)
        && let Err(failure) = replace(&root, text)
    {
        written.undo();
        return Err(failure);
    }
    for (target, look) in targets.iter().zip(looks) {
        look.keep(&root, target.site.as_str())?;
    }
    let mut lines: Vec<String> = Vec::new();
    for (target, (one, (_, site))) in targets.iter().zip(all.iter().zip(&sites)) {
        if targets.len() > 1 {
            lines.push(target.site.to_string());
        }
        lines.extend(one.lines(&target.site, site));
    }
    lines.extend(common.said);
    lines.push(next(&targets, context.start()));
    print_data(&(lines.join("\n") + "\n"))?;
    Ok(Verdict::Passed)
}

/// Reads one of the sites.
async fn captured(
    args: &CaptureArgs,
    root: &Path,
    target: &Target,
    (said, is_of_several): (&Value, bool),
    stop: &Stop,
) -> Result<Captured, Failure> {
    let wishes = Wishes {
        site: target.site.to_string(),
        names: args.names.iter().map(ToString::to_string).collect(),
        pin: args.pin,
        said: said.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default(),
        ..Wishes::default()
    };
    let captured = read(root, &target.ways, &args.asked, wishes, !args.no_look, stop).await;
    let mut captured = captured.map_err(|mut failure| {
        if is_of_several {
            failure.message = format!("{}: {}", target.site, failure.message);
            if failure.kind == Kind::Usage {
                return failure.hint(format!(
                    "`--unit` is for all of them: capture {} by itself where its unit has another name",
                    target.site
                ));
            }
        }
        failure
    })?;
    take_back(&mut captured.description, said);
    say_where(&mut captured, root, &target.ways, &args.asked);
    Ok(captured)
}

fn first_look(description: &Description) -> Look {
    let all = beyond(&serde_json::json!({}), description);
    Look::of(&[], &description.marks, all, jiff::Timestamp::now())
}

/// All descriptions in one text, each with its file's name where there are several.
fn in_one(sites: &[(String, Description)], texts: &[String], common: Option<&str>) -> String {
    if let [text] = texts {
        return text.clone();
    }
    let named = sites.iter().zip(texts).map(|((site, _), text)| (site.as_str(), text.as_str()));
    let all = common.map(|text| ("defaults", text)).into_iter().chain(named);
    let all = all.map(|(name, text)| format!("---\n# environments/{name}.yaml\n{text}"));
    all.collect::<Vec<_>>().concat()
}

/// What to do with the descriptions.
fn next(targets: &[Target], start: &Path) -> String {
    let there =
        if start == Path::new(".") { String::new() } else { format!("-C {} ", start.display()) };
    let sites: Vec<&str> = targets.iter().map(|target| target.site.as_str()).collect();
    let sites = sites.join(" ");
    format!("next: stagectl {there}check {sites}, stagectl {there}rehearse {sites} --release ...")
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
