//! `stagectl gc`: removes what nobody owns any more, of all projects.

use crate::display::print_data;
use crate::docker::{Docker, Engine as _};
use crate::event::Events;
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::reap;
use crate::replica::{Labels, label};

/// Remove what crashed runs left behind and replicas whose lease is over; live ones stay
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl gc\n  stagectl gc --images")]
pub(super) struct GcArgs {
    /// Also every cached image; the next rehearsal makes them anew
    #[arg(long)]
    images: bool,
}

pub(super) async fn gc(args: GcArgs) -> Result<Verdict, Failure> {
    let engine = Docker::connect().await?;
    let reaped =
        reap(&engine, &Events::new(Vec::new()), jiff::Timestamp::now().as_second()).await?;
    let mut text = String::new();
    for standing in &reaped.removed {
        text.push_str(&format!(
            "removed {} of run {} ({} resources)\n",
            standing.site,
            standing.run,
            standing.resources.len()
        ));
    }
    for left in &reaped.left {
        text.push_str(&format!(
            "still there: {} {}: {}\n",
            left.resource.kind.name(),
            left.resource.name,
            left.error
        ));
    }
    for standing in &reaped.alive {
        text.push_str(&format!(
            "left alone: {} of run {}, which lives\n",
            standing.site, standing.run
        ));
    }
    if args.images {
        let any = Labels::from([(label::KIND.to_owned(), String::new())]);
        let (mut bytes, mut removed) = (0, 0);
        let mut images = engine.images(&any).await?;
        // Children before their parents.
        images.sort_by_key(|image| std::cmp::Reverse(image.created));
        for image in images {
            let in_use = engine.remove_image(&image.id).await;
            match in_use {
                Ok(()) => (bytes, removed) = (bytes + image.size, removed + 1),
                Err(error) => {
                    text.push_str(&format!("kept image {}: {error}\n", image.tags.join(", ")));
                }
            }
        }
        text.push_str(&format!("removed {removed} images, up to {}\n", bytesize::ByteSize(bytes)));
    }
    if text.is_empty() {
        "nothing to remove\n".clone_into(&mut text);
    }
    print_data(&text)?;
    Ok(if reaped.left.is_empty() { Verdict::Passed } else { Verdict::Not(Kind::LeftBehind) })
}
