//! `stagectl plan`: what would be built, reused, started and run, in order, and why.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::beforehand::look_beforehand;
use super::context::{Context, NextCertificateArgs, SettingArgs, chosen};
use super::live::{LiveArgs, upgrades, way_back};
use crate::display::{print_data, say_warnings};
use crate::docker::{Docker, Engine};
use crate::event::State;
use crate::failure::{Failure, Verdict};
use crate::package_index::live_releases;
use crate::rehearsal::Upgrade;
use crate::release::Release;
use crate::replica::{
    ImageIndex, Keys, Ownership, Parent, Plan, RunId, RunSpec, Secrets, Subnet, Templates,
};
use crate::site::{BaseOrigin, Site, SiteName};

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
    #[arg(long, conflicts_with_all = ["from", "rollback"])]
    redeploy: bool,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    certificate: NextCertificateArgs,
}

pub(super) async fn plan(args: PlanArgs, context: &Context) -> Result<Verdict, Failure> {
    let (project, names) =
        context.project_for(&args.sites, args.certificate, &SettingArgs::default())?;
    let sites = chosen(&project, &names)?;
    let release = Context::release(args.release.as_deref(), &project)?;
    let from = args.live.from.as_deref();
    let live = if args.redeploy {
        BTreeMap::new()
    } else {
        live_releases(&project, &sites, from, &release).await?
    };
    let back = way_back(&sites, &live, &args.live)?;
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
    let spec = RunSpec {
        release,
        ownership,
        templates,
        has_door: false,
        gives_way: false,
        observes: false,
        suite: Some(Vec::new()),
    };
    let release = &spec.release;
    let upgrades = upgrades(&spec, &sites, (&live, back));
    let (mut text, mut plans) = (String::new(), Vec::new());
    for site in sites {
        release.supports_site(&site.name, &site.python)?;
        let secrets = Secrets::for_site(site, |key| std::env::var(key).ok())?;
        let keys = Keys::of(secrets);
        let has_next = site.tls.as_ref().is_some_and(|tls| tls.has_changed);
        for stage in stages(&spec, site, &keys, upgrades.get(&site.name), args.redeploy)? {
            let Stage { state, release, plan } = &stage;
            let notes = match &engine {
                Ok(engine) => Some(image_notes(engine, plan).await?),
                Err(_) => None,
            };
            if context.output.is_json() {
                plans.push(json!({
                    "site": site.name.to_string(),
                    "state": state,
                    "release": format!("{release}"),
                    "next_certificate": has_next,
                    // A replica that is up has one.
                    "subnet": (!args.redeploy).then_some(&plan.network.subnet),
                    "steps": plan.described(|index| note(notes.as_ref(), index)),
                }));
                continue;
            }
            let head = state.map_or(String::new(), |state| format!("  state {}:", state.name()));
            text.push_str(&format!("{}{head}  {release}\n", site.name));
            if has_next {
                text.push_str("with the certificate that comes next (`tls.next`)\n");
            }
            match (&notes, &engine) {
                (None, Err(error)) => {
                    text.push_str(&format!("{plan}which images are there is not known: {error}\n"));
                }
                _ => text.push_str(&plan.describe(|index| note(notes.as_ref(), index))),
            }
            text.push('\n');
        }
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

/// One plan of a site: all of it, or what leads to a state of its upgrade.
struct Stage<'a> {
    /// `None` without an upgrade.
    state: Option<State>,
    /// What runs then.
    release: &'a Release,
    plan: Plan,
}

fn stages<'a>(
    spec: &'a RunSpec,
    site: &Site,
    keys: &Keys,
    upgrade: Option<&'a Upgrade>,
    is_redeploy: bool,
) -> Result<Vec<Stage<'a>>, Failure> {
    let (up, subnet) = (RunId::named("UP"), Subnet::nth(0));
    let Some(upgrade) = upgrade else {
        let plan = if is_redeploy {
            Plan::redeploy(spec, site, keys, (&up, subnet))?
        } else {
            Plan::new(spec, site, keys, (subnet, &[]))?
        };
        return Ok(vec![Stage { state: None, release: &spec.release, plan }]);
    };
    let (live, live_site) = upgrade.first();
    let plan = Plan::new(live, live_site, keys, (subnet, &[]))?;
    let mut stages = vec![Stage { state: Some(State::Live), release: &live.release, plan }];
    for (state, part) in upgrade.parts() {
        let at = (&spec.ownership.run, subnet);
        let plan = Plan::upgrade(spec, upgrade.site_of(state, site), keys, at, part)?;
        let release = if state == State::New { &spec.release } else { &live.release };
        stages.push(Stage { state: Some(state), release, plan });
    }
    Ok(stages)
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
