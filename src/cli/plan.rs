//! `stagectl plan`: what would be built, reused, started and run, in order, and why.

use std::path::PathBuf;

use serde_json::json;

use super::beforehand::look_beforehand;
use super::context::{Context, NextCertificateArgs, chosen};
use crate::display::{print_data, say_warnings};
use crate::docker::{Docker, Engine};
use crate::failure::{Failure, Verdict};
use crate::replica::{
    ImageIndex, Keys, Ownership, Parent, Plan, RunId, RunSpec, Secrets, Subnet, Templates,
};
use crate::site::{BaseOrigin, SiteName};

/// The version of what `--output json` writes.
const SCHEMA: &str = "stagectl-plan/1";

/// Show what a rehearsal would do: images made or reused, containers, steps, and why
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: stagectl plan site-a --release dist/app-1.2-py3-none-any.whl")]
pub(super) struct PlanArgs {
    /// Sites to plan; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The built release: wheel, sdist, .tar.gz or .zip of a tree, or a source folder; `release:` of
    /// environments/defaults.yaml if left out
    #[arg(long, short, value_name = "PATH")]
    release: Option<PathBuf>,
    /// What `stagectl redeploy` would do, in a replica that is up
    #[arg(long)]
    redeploy: bool,
    #[command(flatten)]
    certificate: NextCertificateArgs,
}

pub(super) async fn plan(args: PlanArgs, context: &Context) -> Result<Verdict, Failure> {
    let (project, names) = context.project_for(&args.sites, args.certificate)?;
    let sites = chosen(&project, &names)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let warnings = look_beforehand(&project, &sites, Some(&release.path))?;
    // The plan itself needs no Docker; without one nobody knows which images are there.
    let engine = Docker::connect().await;
    let ownership = Ownership {
        project: project.name.to_string(),
        folder: String::new(),
        run: RunId::named("RUN"),
        owner: String::new(),
        process: None,
        lease: 0,
        release: String::new(),
    };
    let templates = Templates::new(project.templates.clone());
    let spec = RunSpec { release, ownership, templates, has_door: false };
    let release = &spec.release;
    let (mut text, mut plans) = (String::new(), Vec::new());
    for site in sites {
        release.supports_site(&site.name, &site.python)?;
        let secrets = Secrets::for_site(site, |key| std::env::var(key).ok())?;
        let (keys, subnet) = (Keys::of(secrets), Subnet::nth(0));
        let plan = if args.redeploy {
            Plan::redeploy(&spec, site, &keys, (&RunId::named("UP"), subnet))?
        } else {
            Plan::new(&spec, site, &keys, (subnet, &[]))?
        };
        text.push_str(&format!(
            "{}  {} {}\n",
            site.name,
            release.name,
            release.version.as_deref().unwrap_or("")
        ));
        let has_next = site.tls.as_ref().is_some_and(|tls| tls.has_changed);
        if has_next {
            text.push_str("with the certificate that comes next (`tls.next`)\n");
        }
        let notes = match &engine {
            Ok(engine) => Some(image_notes(engine, &plan).await?),
            Err(_) => None,
        };
        if context.output.is_json() {
            plans.push(json!({
                "site": site.name.to_string(),
                "next_certificate": has_next,
                // A replica that is up has one.
                "subnet": (!args.redeploy).then_some(&plan.network.subnet),
                "steps": plan.described(|index| note(notes.as_ref(), index)),
            }));
            continue;
        }
        match (&notes, &engine) {
            (None, Err(error)) => {
                text.push_str(&format!("{plan}which images are there is not known: {error}\n"));
            }
            _ => text.push_str(&plan.describe(|index| note(notes.as_ref(), index))),
        }
        text.push('\n');
    }
    if context.output.is_json() {
        let release = json!({
            "name": release.name, "version": release.version, "digest": release.digest,
        });
        let engine = engine.err().map(|error| error.to_string());
        text = format!(
            "{:#}\n",
            json!({"schema": SCHEMA, "release": release, "no_docker": engine, "plans": plans})
        );
    }
    print_data(&text)?;
    say_warnings(&warnings, context.output.wish());
    Ok(Verdict::Passed)
}

/// What is known of an image; without Docker nothing is.
fn note(notes: Option<&Vec<String>>, ImageIndex(index): ImageIndex) -> String {
    let known = notes.and_then(|notes| notes.get(index));
    known.cloned().unwrap_or_else(|| "not known whether it is there".to_owned())
}

/// What is known of the plan's images, in their order. A key needs its parent's id: below an image that is
/// not there all are made.
async fn image_notes<E: Engine>(engine: &E, plan: &Plan) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<Option<String>> = Vec::new();
    for (_, spec) in plan.chain.iter() {
        let id = match &spec.parent {
            Parent::Origin(BaseOrigin::Image(reference)) => engine.find_image(reference).await?,
            Parent::Origin(origin) => {
                let own = match spec.base_tag() {
                    Some(tag) => engine.find_image(&tag).await?,
                    None => None,
                };
                match (own, origin) {
                    (None, BaseOrigin::Debian(suite)) => {
                        engine.find_image(&format!("debian:{suite}-slim")).await?
                    }
                    (own, _) => own,
                }
            }
            Parent::Image(ImageIndex(parent)) => match &ids[*parent] {
                Some(parent) => engine.find_image(&spec.tag(&spec.key(parent))).await?,
                None => None,
            },
        };
        ids.push(id);
    }
    let note = |index: usize| {
        match &plan.chain.get(ImageIndex(index)).parent {
            _ if ids[index].is_some() => "reused: it is there",
            Parent::Image(ImageIndex(parent)) if ids[*parent].is_none() => {
                "made: what it stands on is made"
            }
            Parent::Image(_) => "made: nothing with its content is there",
            Parent::Origin(BaseOrigin::Rootfs(_)) => "imported: it is not there",
            Parent::Origin(_) => "pulled or bootstrapped: it is not there",
        }
        .to_owned()
    };
    Ok((0..ids.len()).map(note).collect())
}
