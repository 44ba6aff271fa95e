//! `stagectl gc`: removes what nobody owns any more, of all projects.

use serde::Serialize;

use super::context::Context;
use crate::display::{print_data, print_note};
use crate::docker::{Docker, Engine as _};
use crate::event::Events;
use crate::failure::{Failure, Kind, Verdict};
use crate::replica::{Labels, label};
use crate::standing::{Leftover, Standing, reap, ways_out};

/// Remove what crashed runs left behind and replicas whose lease is over; live ones stay
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl gc\n  stagectl gc --images --output json")]
pub(super) struct GcArgs {
    /// Also every cached image; the next rehearsal makes them anew
    #[arg(long)]
    images: bool,
}

/// Docker takes half a second for an image: who waits sees a line after so many.
const TOLD_EACH: usize = 20;

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Collected {
    removed: Vec<Replica>,
    left: Vec<Leftover>,
    /// What belongs to somebody.
    left_alone: Vec<Replica>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Images>,
}

#[derive(Debug, Serialize)]
struct Replica {
    project: String,
    site: String,
    run: String,
    resources: usize,
}

/// What became of the cached images.
#[derive(Debug, Default, Serialize)]
struct Images {
    removed: usize,
    /// At most: images share layers.
    bytes: u64,
    kept: Vec<Kept>,
}

#[derive(Debug, Serialize)]
struct Kept {
    tags: Vec<String>,
    error: String,
}

impl From<Standing> for Replica {
    fn from(standing: Standing) -> Self {
        let Standing { project, site, run, resources, .. } = standing;
        Replica { project, site, run: run.to_string(), resources: resources.len() }
    }
}

pub(super) async fn gc(args: GcArgs, context: &Context) -> Result<Verdict, Failure> {
    let engine = Docker::connect().await?;
    let now = jiff::Timestamp::now().as_second();
    let reaped = reap(&engine, &Events::new(Vec::new()), now).await?;
    let note = |text: String| {
        if !context.output.quiet {
            print_note(&text);
        }
    };
    let collected = Collected {
        removed: reaped.removed.into_iter().map(Replica::from).collect(),
        left: reaped.left,
        left_alone: reaped.alive.into_iter().map(Replica::from).collect(),
        images: if args.images { Some(remove_images(&engine, note).await?) } else { None },
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

async fn remove_images(engine: &Docker, note: impl Fn(String)) -> Result<Images, Failure> {
    let any = Labels::from([(label::KIND.to_owned(), String::new())]);
    let mut found = engine.images(&any).await?;
    // Children before their parents.
    found.sort_by_key(|image| std::cmp::Reverse(image.created));
    let all = found.len();
    if all > 0 {
        let bytes = found.iter().map(|image| image.size).sum();
        note(format!("removing {all} images, up to {}", bytesize::ByteSize(bytes)));
    }
    let mut images = Images::default();
    for (number, image) in found.into_iter().enumerate() {
        if number > 0 && number % TOLD_EACH == 0 {
            note(format!("{number} of {all} done"));
        }
        match engine.remove_image(&image.id).await {
            Ok(()) => {
                images.removed += 1;
                images.bytes += image.size;
            }
            Err(error) => images.kept.push(Kept { tags: image.tags, error: error.to_string() }),
        }
    }
    Ok(images)
}

fn in_words(collected: &Collected) -> String {
    let mut lines = Vec::new();
    for Replica { site, run, resources, .. } in &collected.removed {
        lines.push(format!("removed {site} of run {run} ({resources} resources)"));
    }
    for Leftover { resource, error } in &collected.left {
        lines.push(format!("still there: {} {}: {error}", resource.kind.name(), resource.name));
    }
    lines.extend(ways_out(&collected.left).into_iter().map(|way| format!("hint: {way}")));
    for Replica { site, run, .. } in &collected.left_alone {
        lines.push(format!("left alone: {site} of run {run}, which lives"));
    }
    if let Some(images) = &collected.images {
        for Kept { tags, error } in &images.kept {
            lines.push(format!("kept image {}: {error}", tags.join(", ")));
        }
        let size = bytesize::ByteSize(images.bytes);
        lines.push(format!("removed {} images, up to {size}", images.removed));
    }
    if lines.is_empty() {
        lines.push("nothing to remove".to_owned());
    }
    format!("{}\n", lines.join("\n"))
}
