//! Seeds: how data gets into the image of a database.

use super::super::spec::{Content, FileEntry};
use super::super::template::{built_in, context};
use super::part::unreadable;
use crate::digest::of_file;
use crate::failure::Failure;
use crate::replica::image::chain::BUILD_FOLDER;
use crate::site::{Seed, SeedForm};

/// What a seed adds to the build of its database.
#[derive(Default)]
pub(super) struct SeedFiles {
    pub files: Vec<FileEntry>,
    /// Stands for its content: the file is read when it is uploaded.
    pub identity: Vec<String>,
    /// For the script; null where there is no seed.
    pub value: serde_json::Value,
}

/// `of` is the database that has a folder of its own for it.
///
/// # Errors
/// Usage: it cannot be read any more.
pub(super) fn seed_files(seed: Option<&Seed>, of: Option<&str>) -> Result<SeedFiles, Failure> {
    let Some(seed) = seed else { return Ok(SeedFiles::default()) };
    let name = seed.path.file_name().map_or("seed".into(), |name| name.to_string_lossy());
    let name = of.map_or_else(|| name.to_string(), |database| format!("{database}/{name}"));
    let content = of_file(&seed.path).map_err(|error| unreadable(&seed.path, &error))?;
    let form = match seed.form {
        SeedForm::Sql => "sql",
        SeedForm::SqlGz => "sql-gz",
        SeedForm::Dump => "dump",
        SeedForm::Archive => "archive",
        SeedForm::Command => "command",
    };
    let mode = if seed.form == SeedForm::Command { 0o755 } else { 0o644 };
    Ok(SeedFiles {
        files: vec![
            FileEntry::new(format!("{BUILD_FOLDER}/seed.sh"), 0o644, built_in("image/seed.sh")),
            FileEntry {
                content: Content::HostFile(seed.path.clone()),
                ..FileEntry::new(format!("{BUILD_FOLDER}/seeds/{name}"), mode, Vec::new())
            },
        ],
        identity: vec![content],
        value: context! { name, form },
    })
}
