//! What `stagectl gc` has removed, for programs and in words.

use bytesize::ByteSize;
use serde::Serialize;

use crate::standing::{Leftover, Standing, ways_out};

/// What came of it, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Collected {
    /// True where nothing was removed: `removed` is what would be.
    pub(super) dry_run: bool,
    pub(super) removed: Vec<Replica>,
    pub(super) left: Vec<Leftover>,
    /// What belongs to somebody.
    pub(super) left_alone: Vec<Replica>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) images: Option<Images>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs: Option<Runs>,
}

#[derive(Debug, Serialize)]
pub(super) struct Replica {
    pub(super) project: String,
    pub(super) site: String,
    pub(super) run: String,
    pub(super) resources: usize,
}

/// What became of the cached images.
#[derive(Debug, Default, Serialize)]
pub(super) struct Images {
    pub(super) removed: usize,
    /// At most: images share layers.
    pub(super) bytes: u64,
    /// The bytes of those that stay.
    pub(super) left: u64,
    /// The tags of those removed.
    pub(super) names: Vec<String>,
    pub(super) kept: Vec<Kept>,
}

#[derive(Debug, Serialize)]
pub(super) struct Kept {
    pub(super) tags: Vec<String>,
    pub(super) error: String,
}

/// What became of the recorded runs.
#[derive(Debug, Default, Serialize)]
pub(super) struct Runs {
    pub(super) removed: Vec<String>,
    pub(super) bytes: u64,
}

impl From<Standing> for Replica {
    fn from(standing: Standing) -> Self {
        let Standing { project, site, run, resources, .. } = standing;
        Replica { project, site, run: run.to_string(), resources: resources.len() }
    }
}

/// What was removed, or would be, a line each, and what stays.
pub(super) fn in_words(collected: &Collected) -> String {
    let removed = if collected.dry_run { "would remove" } else { "removed" };
    let mut lines = Vec::new();
    for Replica { site, run, resources, .. } in &collected.removed {
        lines.push(format!("{removed} {site} of run {run} ({resources} resources)"));
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
        if collected.dry_run {
            lines.extend(images.names.iter().map(|name| format!("would remove image {name}")));
        }
        let (size, left) = (ByteSize(images.bytes), ByteSize(images.left));
        lines.push(format!(
            "{removed} {}, up to {size}; {left} stay",
            count(images.removed, "image")
        ));
    }
    if let Some(runs) = &collected.runs {
        if collected.dry_run {
            lines.extend(runs.removed.iter().map(|run| format!("would remove run {run}")));
        }
        let size = ByteSize(runs.bytes);
        lines.push(format!("{removed} {}, {size}", count(runs.removed.len(), "recorded run")));
    }
    if lines.is_empty() {
        lines.push("nothing to remove".to_owned());
    }
    format!("{}\n", lines.join("\n"))
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
