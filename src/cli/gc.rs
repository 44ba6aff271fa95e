//! `stagectl gc`: removes what nobody owns any more, of all projects, and what nobody needs.

mod collected;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::context::Context;
use crate::display::{print_data, print_note};
use crate::docker::{Docker, Engine as _};
use crate::event::Events;
use crate::failure::{Failure, Kind, Verdict};
use crate::report::old_runs;
use crate::run::Workshop;
use crate::site::{parse_age, parse_size};
use crate::standing::{Bounds, Reaped, Standing, bytes_of, cached, reap, standing, superfluous};
use crate::state;
use collected::{Collected, Images, Kept, Replica, Runs, in_words};

/// Remove what crashed runs left behind and replicas whose lease is over; live ones stay
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An image that a container uses stays, whatever its age. How old an image is counts from its last \
use on this machine.\n\nExamples:\n  stagectl gc\n  stagectl gc --images --older-than 7d --keep 20GiB\n  stagectl gc \
--runs --older-than 30d --dry-run\n  stagectl gc --images --output json"
)]
pub(super) struct GcArgs {
    /// Also the cached images, all of them unless bounds are named; the next rehearsal makes anew what it needs
    #[arg(long)]
    images: bool,
    /// Also recorded runs of this project, with their reports and evidence
    #[arg(long, requires = "older_than")]
    runs: bool,
    /// Only images that no run has used for so long, and runs that began before
    #[arg(long, value_name = "DURATION", value_parser = parse_age_argument)]
    older_than: Option<Duration>,
    /// Of the images, those used last stay up to this size; the others go, the longest unused first
    #[arg(long, value_name = "SIZE", value_parser = parse_size_argument, requires = "images")]
    keep: Option<u64>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Docker takes half a second for an image: who waits sees a line after so many.
const TOLD_EACH: usize = 20;

fn parse_age_argument(text: &str) -> Result<Duration, String> {
    parse_age(text).ok_or_else(|| "write a number and its unit: 12h, 7d, 4w".to_owned())
}

fn parse_size_argument(text: &str) -> Result<u64, String> {
    parse_size(text).ok_or_else(|| "write a number and its unit: 512MiB, 20GiB".to_owned())
}

pub(super) async fn gc(args: GcArgs, context: &Context) -> Result<Verdict, Failure> {
    if args.older_than.is_some() && !args.images && !args.runs {
        return Err(Failure::usage("`--older-than` says nothing of replicas: they have leases")
            .hint("say what is meant: `--images`, `--runs`"));
    }
    // A project that is none is known before anything is removed.
    let root = if args.runs { Some(context.root()?) } else { None };
    root.as_deref().map_or(Ok(()), state::look_at)?;
    let engine = Docker::connect().await?;
    let now = Timestamp::now();
    let reaped = if args.dry_run {
        look(&engine, now.as_second()).await?
    } else {
        reap(&engine, &Events::new(Vec::new()), now.as_second()).await?
    };
    let note = |text: String| {
        if !context.output.quiet {
            print_note(&text);
        }
    };
    let images =
        if args.images { Some(collect_images(&engine, &args, now, note).await?) } else { None };
    let runs = match (&root, args.older_than) {
        (Some(root), Some(age)) => {
            Some(collect_runs(&engine, root, (age, now), args.dry_run).await?)
        }
        _ => None,
    };
    let collected = Collected {
        dry_run: args.dry_run,
        removed: reaped.removed.into_iter().map(Replica::from).collect(),
        left: reaped.left,
        left_alone: reaped.alive.into_iter().map(Replica::from).collect(),
        images,
        runs,
    };
    if context.output.is_json() {
        let json = serde_json::to_string_pretty(&collected)
            .map_err(|error| Failure::bug("the result is no JSON").because(&error))?;
        print_data(&format!("{json}\n"))?;
    } else {
        print_data(&in_words(&collected))?;
    }
    Ok(if collected.left.is_empty() { Verdict::Passed } else { Verdict::Not(Kind::LeftBehind) })
}

/// What a removal would find.
async fn look(engine: &Docker, now: i64) -> Result<Reaped, Failure> {
    let (removed, alive) =
        standing(engine).await?.into_iter().partition(|row: &Standing| row.is_abandoned(now));
    Ok(Reaped { removed, alive, ..Reaped::default() })
}

/// The runs that began longer ago; that of a replica which is up stays.
async fn collect_runs(
    engine: &Docker,
    root: &Path,
    (age, now): (Duration, Timestamp),
    dry_run: bool,
) -> Result<Runs, Failure> {
    let up = standing(engine).await?;
    let mut runs = Runs::default();
    for run in old_runs(root, age, now) {
        if up.iter().any(|row| row.run.as_str() == run.run) {
            continue;
        }
        if !dry_run {
            run.remove()?;
        }
        runs.bytes += run.bytes;
        runs.removed.push(run.run);
    }
    Ok(runs)
}

async fn collect_images(
    engine: &Docker,
    args: &GcArgs,
    now: Timestamp,
    note: impl Fn(String),
) -> Result<Images, Failure> {
    let workshop = Workshop::of_this_machine().on(engine.id());
    let found = cached(engine, |key| workshop.last_use(key)).await?;
    let whole = bytes_of(&found);
    let bounds = Bounds { older_than: args.older_than, keep: args.keep };
    let going = superfluous(found, bounds, now.as_second());
    let all = going.len();
    if all > 0 && !args.dry_run {
        note(format!("removing {all} images, up to {}", bytesize::ByteSize(bytes_of(&going))));
    }
    let mut images = Images::default();
    for (number, image) in going.into_iter().enumerate() {
        if number > 0 && number % TOLD_EACH == 0 && !args.dry_run {
            note(format!("{number} of {all} done"));
        }
        let removed = if args.dry_run { Ok(()) } else { engine.remove_image(&image.id).await };
        match removed {
            Ok(()) => {
                images.removed += 1;
                images.bytes += image.bytes;
                images.names.extend(image.tags);
            }
            Err(error) => images.kept.push(Kept { tags: image.tags, error: error.to_string() }),
        }
    }
    images.left = whole.saturating_sub(images.bytes);
    Ok(images)
}
