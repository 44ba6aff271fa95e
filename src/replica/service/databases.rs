//! The databases of one server, as its build makes them, one after the other: the first is the service's own.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::super::spec::FileEntry;
use super::part::init_files;
use super::seed::seed_files;
use crate::failure::Failure;
use crate::site::Seed;

/// A database for the script of a build.
#[derive(Serialize)]
pub(super) struct Built {
    pub name: String,
    pub owner: String,
    pub extensions: Vec<String>,
    /// What a `CREATE DATABASE` says of it beside its name.
    pub options: String,
    /// Whether the server has it anyway.
    pub is_there: bool,
    pub user: String,
    pub privileges: String,
    pub seed: Value,
    pub init: Vec<Value>,
}

/// What the databases of a server bring to its build.
#[derive(Default)]
pub(super) struct Databases {
    pub built: Vec<Built>,
    pub files: Vec<FileEntry>,
    /// Stands for the content of the seeds.
    pub identity: Vec<String>,
}

impl Built {
    pub(super) fn new(name: &str, user: &str) -> Self {
        Built {
            name: name.to_owned(),
            owner: user.to_owned(),
            extensions: Vec::new(),
            options: String::new(),
            is_there: false,
            user: user.to_owned(),
            privileges: String::new(),
            seed: Value::Null,
            init: Vec::new(),
        }
    }
}

impl Databases {
    /// Adds one with its data.
    ///
    /// # Errors
    /// Usage: a seed or an init file that cannot be read any more.
    pub(super) fn add(
        &mut self,
        mut built: Built,
        seed: Option<&Seed>,
        init: &[PathBuf],
    ) -> Result<(), Failure> {
        // The files of the first one have no folder of their own.
        let of = (!self.built.is_empty()).then(|| built.name.clone());
        let (files, values) = init_files(init, of.as_deref())?;
        let seed = seed_files(seed, of.as_deref())?;
        self.files.extend(files);
        self.files.extend(seed.files);
        self.identity.extend(seed.identity);
        (built.seed, built.init) = (seed.value, values);
        self.built.push(built);
        Ok(())
    }

    /// `database shop`, `databases shop and reporting`.
    pub(super) fn title(&self) -> String {
        let names: Vec<&str> = self.built.iter().map(|built| built.name.as_str()).collect();
        format!("database{} {}", if names.len() > 1 { "s" } else { "" }, names.join(" and "))
    }
}
