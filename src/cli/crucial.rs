//! `stagectl crucial`: which traits of an environment matter, and which of them nobody would notice.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::context::{Aside, Context, parse_span};
use super::room::room_for;
use crate::cancel::Stop;
use crate::display::print_data;
use crate::event;
use crate::experiment::crucial::{
    Baseline, Crucial, Exploration, Limits, Mutants, Observed, SCHEMA, TimedTest, fold, head, line,
    page, patch, text,
};
use crate::experiment::{Bench, Seen, Verdicts, verdict_key};
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::{Until, environment_of};
use crate::release::Release;
use crate::report::last_green;
use crate::run::path_from_here;
use crate::site::{Project, Site, SiteName};

/// Find out which traits of a green site matter, and which of them its tests would not notice
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl crucial site-a\n  stagectl crucial --budget 5min --output json"
)]
pub(super) struct CrucialArgs {
    /// The sites, each by itself; all if none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The release; the one with which the site was last green if left out
    #[arg(long, value_name = "PATH")]
    release: Option<PathBuf>,
    /// Only mutants of this key, or of what is below it; the answer is shown, and not kept. May be given several times
    #[arg(long, value_name = "KEY")]
    only: Vec<String>,
    /// No rehearsal of a site begins after this time: then the answer so far
    #[arg(long, value_name = "DURATION", value_parser = parse_span, default_value = "10min")]
    budget: Duration,
    /// No more rehearsals of a site than these: then the answer so far
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// Write what is offered for the descriptions into a file that `git apply` takes
    #[arg(long, value_name = "FILE")]
    write_patch: Option<PathBuf>,
    /// How many replicas there are at a time; as many as the machine has processors and memory for if left out
    #[arg(long, value_name = "N")]
    at_once: Option<usize>,
}

pub(super) async fn crucial(
    args: CrucialArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project_of(&args.sites, Aside::Said)?;
    let sites = project.choose(&args.sites)?;
    if let Some(path) = &args.write_patch {
        std::fs::write(path, "").map_err(|error| could_not_write(path, &error))?;
    }
    let mut answers: Vec<Value> = Vec::new();
    let mut ended = None;
    for site in sites {
        let release = release(&args, &project, site)?;
        let show = Show { is_json: context.output.is_json(), is_quiet: context.output.quiet };
        let one = OneSite { project: &project, site, args: &args, stop: &stop, show: &show };
        let (crucial, failure) = Box::pin(one.explore(release)).await?;
        answers.push(serde_json::to_value(&crucial).unwrap_or_default());
        ended = failure;
        if stop.is_requested() {
            break;
        }
    }
    if context.output.is_json() {
        let all = if let [one] = &answers[..] { one.clone() } else { Value::Array(answers) };
        print_data(&format!("{all:#}\n"))?;
    }
    match ended {
        Some(failure) => Err(failure),
        None => Ok(Verdict::Passed),
    }
}

fn could_not_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::infrastructure(format!("could not write {}", path.display())).because(error)
}

/// The release of the command line, the one with which the site was last green, or that of the project.
fn release(args: &CrucialArgs, project: &Project, site: &Site) -> Result<Release, Failure> {
    let green = last_green(&project.root, site.name.as_str())?.and_then(|report| report.release);
    let (None, Some(recorded)) = (&args.release, green) else {
        return Context::release(args.release.as_deref(), project);
    };
    let path = PathBuf::from(&recorded.path);
    let path = if path.exists() { path } else { project.root.join(path) };
    let release = Context::release(Some(&path), project)?;
    if release.digest == recorded.digest {
        return Ok(release);
    }
    let message = format!(
        "{} is another release now than the one with which {} was green",
        recorded.path, site.name
    );
    Err(Failure::usage(message).hint("say which one is meant: `--release PATH`"))
}

/// A site whose traits are tried.
struct OneSite<'a> {
    project: &'a Project,
    site: &'a Site,
    args: &'a CrucialArgs,
    stop: &'a Stop,
    show: &'a Show,
}

impl OneSite<'_> {
    /// The answer, which is kept; and why it ended early, where that is a failure.
    async fn explore(&self, release: Release) -> Result<(Crucial, Option<Failure>), Failure> {
        let begin = Instant::now();
        let OneSite { project, site, args, stop, show } = *self;
        let verdicts = Verdicts::of(&project.root)?;
        let mut mutants = Mutants::of(project, site)?;
        if !args.only.is_empty() {
            mutants.retain(&args.only);
        }
        let bench = bench(project, &mutants, release);
        show.text(&format!("{}: as it is, and what it touches\n", site.name));
        let baseline = self.baseline(&bench, &verdicts).await?;
        let observed = self.observed(&bench).await?;
        let tests: Vec<TimedTest> = baseline
            .found
            .passed
            .iter()
            .map(|(name, seconds)| TimedTest { name: name.clone(), seconds: *seconds })
            .collect();
        let mut keys: Vec<&str> = mutants
            .planned
            .iter()
            .filter_map(|one| one.traits.first())
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        show.text(&head(site.name.as_str(), mutants.planned.len(), keys.len(), tests.len()));
        let at_once = room_for(site, args.at_once).await;
        let limits = Limits { budget: args.budget, most: args.max, at_once };
        let mut exploration = Exploration::new(
            (&bench, &verdicts),
            (&mutants, &observed, tests.iter().map(|test| test.name.clone()).collect()),
            (limits, begin),
            stop,
            |mutant, others| show.text(&line(mutant, others)),
        );
        exploration.run().await;
        let ended = exploration.ended.take();
        let known = &exploration.known;
        let tried: Vec<_> =
            (0..mutants.planned.len()).map(|place| known.mutant(place, &mutants.planned)).collect();
        let (traits, score) = fold(&tried, &observed);
        let crucial = Crucial {
            schema: SCHEMA.to_owned(),
            stagectl: env!("CARGO_PKG_VERSION").to_owned(),
            site: site.name.to_string(),
            environment: environment_of(site),
            release: event::Release {
                name: bench.release.name.clone(),
                version: bench.release.version.clone().unwrap_or_default(),
                digest: bench.release.digest.clone(),
                path: path_from_here(&bench.release.path),
            },
            baseline: Baseline {
                run: baseline.run.clone(),
                seconds: baseline.took.as_secs_f64(),
                tests,
            },
            observed,
            mutants: tried,
            traits,
            score,
            rehearsals: known.seen.len() + 1,
            seconds: begin.elapsed().as_secs_f64(),
            ended: ended.as_ref().map(|failure| failure.message.clone()),
        };
        let page = page(&crucial)?;
        let kept = args.only.is_empty().then(|| crucial.keep(&project.root, &page)).transpose()?;
        show.text(&format!("\n{}", text(&crucial)));
        self.offer(&crucial, &mutants.required)?;
        show.end(&crucial, kept.as_deref());
        // A limit that was wanted is none.
        let is_failure = |failure: &Failure| stop.is_requested() || failure.kind != Kind::Usage;
        Ok((crucial, ended.filter(is_failure)))
    }

    /// Shows which variables could be called required, and writes that where it is wanted.
    fn offer(&self, crucial: &Crucial, said: &[String]) -> Result<(), Failure> {
        let OneSite { project, site, args, show, .. } = *self;
        let file = project.root.join(&site.source);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let name = site.source.display().to_string();
        let offered = patch(&name, &text, said, &crucial.required());
        let Some(offered) = offered else { return Ok(()) };
        show.text(&format!(
            "\nvariables that it cannot do without, for its description:\n{offered}"
        ));
        let Some(path) = &args.write_patch else { return Ok(()) };
        let mut options = std::fs::OpenOptions::new();
        let written = options
            .append(true)
            .open(path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, offered.as_bytes()));
        written.map_err(|error| could_not_write(path, &error))
    }

    /// What the unchanged site touches, as one rehearsal shows it; that of an earlier call where nothing has changed.
    async fn observed(&self, bench: &Bench) -> Result<Observed, Failure> {
        let OneSite { project, site, stop, .. } = *self;
        let is_same = |one: &Crucial| {
            one.environment == environment_of(site)
                && one.release.digest == bench.release.digest
                && one.stagectl == env!("CARGO_PKG_VERSION")
                && one.observed.missing.is_none()
        };
        if let Some(known) = Crucial::read(&project.root, site.name.as_str()).filter(is_same) {
            return Ok(known.observed);
        }
        let (seen, lines) = Box::pin(bench.observe(site, stop)).await?;
        if let Some(red) = seen.signature {
            let why = format!("observed, the site is not green, as it is by itself: {}", red.says);
            return Ok(Observed { missing: Some(why), ..Observed::default() });
        }
        Ok(Observed::of(site, &lines))
    }

    /// The unchanged site, which has to be green.
    async fn baseline(&self, bench: &Bench, verdicts: &Verdicts) -> Result<Seen, Failure> {
        let key = verdict_key(bench, (self.site, &bench.release), None)?;
        // One that was red is asked for again: who calls once more thinks it green now.
        let known = (0..).map_while(|number| verdicts.known(&key, number));
        let green = known
            .into_iter()
            .find(|seen| !seen.found.passed.is_empty() && seen.signature.is_none());
        let seen = if let Some(seen) = green {
            seen
        } else {
            let seen =
                Box::pin(bench.rehearse((self.site, &bench.release), None, self.stop)).await?;
            verdicts.keep(&key, &seen)?;
            seen
        };
        match &seen.signature {
            None => Ok(seen),
            Some(red) => {
                let name = &self.site.name;
                let message = format!("{name} is not green as it is: {}", red.says);
                Err(Failure::usage(message)
                    .cause(format!("its rehearsal is in {}", seen.folder))
                    .hint(format!(
                        "find out why: `stagectl rehearse {name}`, `stagectl why {name}`"
                    )))
            }
        }
    }
}

/// How mutants are rehearsed: to the end, with the whole suite, on an empty site.
fn bench(project: &Project, mutants: &Mutants, release: Release) -> Bench {
    let mut project = project.clone();
    // The root is good for the names of all of them.
    let sites = mutants.planned.iter().filter_map(|one| mutants.site(&one.settings).ok());
    project.sites.extend(sites);
    Bench { project, release, arguments: Vec::new(), until: Until::End }
}

/// Where the answer is shown: to a person as it goes on, to a program at its end.
struct Show {
    is_json: bool,
    is_quiet: bool,
}

impl Show {
    /// Nobody waits for a person who has gone away.
    fn text(&self, text: &str) {
        if !self.is_json && !self.is_quiet {
            print_data(text).ok();
        }
    }

    fn end(&self, crucial: &Crucial, page: Option<&Path>) {
        if let Some(why) = &crucial.ended {
            self.text(&format!("ended early: {why}; the same command goes on\n"));
        }
        if let Some(page) = page {
            self.text(&format!("report: {}\n\n", path_from_here(page)));
        }
    }
}
