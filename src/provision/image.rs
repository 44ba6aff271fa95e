//! Finds each image of a chain by its key, or makes it: a container of the parent, a script, a
//! commit. Two runs that need the same image at once make it once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Stage;
use super::build_log::BuildLog;
use super::progress::News;
use crate::docker::{Engine, ImageId};
use crate::event::{ImageOrigin, Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::inside::Whole;
use crate::replica::Phase;
use crate::replica::{
    BUILD_FOLDER, BuildSpec, FileEntry, ImageIndex, ImageKind, ImageSpec, Labels, Ownership,
    Parent, Plan, built_in, label, shell_quote,
};
use crate::site::masked;
use crate::state;

/// An image that a replica was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageRecord {
    pub kind: ImageKind,
    pub title: String,
    pub key: String,
    pub id: ImageId,
    pub origin: ImageOrigin,
}

/// The images known in this run, by recipe and parent.
#[derive(Debug, Default)]
pub struct Images {
    known: RefCell<BTreeMap<String, ImageRecord>>,
    /// Whether it was told that some are missing, which is told once.
    told: Cell<bool>,
}

impl Images {
    /// The id of an image of the plan that was found or made before.
    ///
    /// # Errors
    /// A bug: the plan's order is wrong.
    pub fn id_of(&self, plan: &Plan, index: ImageIndex) -> Result<ImageId, Failure> {
        self.known.borrow().get(&lineage(plan, index)).map(|record| record.id.clone()).ok_or_else(
            || Failure::bug(format!("{} is used before it is made", plan.chain.get(index).title)),
        )
    }

    /// True where all of a plan's images were found or made before in this run.
    #[must_use]
    pub fn know_all(&self, plan: &Plan) -> bool {
        plan.chain.iter().all(|(index, _)| self.known.borrow().contains_key(&lineage(plan, index)))
    }

    /// Finds or makes the image; once in a run.
    ///
    /// # Errors
    /// Infrastructure, usage or deploy, by what went wrong in the build.
    pub async fn ensure<E: Engine>(
        &self,
        stage: &Stage<'_, E>,
        index: ImageIndex,
        halt: &CancellationToken,
    ) -> Result<ImageRecord, Failure> {
        let begin = Instant::now();
        let spec = stage.plan.chain.get(index);
        if let Some(record) = self.known.borrow().get(&lineage(stage.plan, index)) {
            return Ok(record.clone());
        }
        let missing = Missing { images: self, index };
        let record = match &spec.parent {
            Parent::Origin(origin) => {
                super::base::ensure(stage, spec, origin, missing, halt).await?
            }
            Parent::Image(parent) => {
                let parent = self.id_of(stage.plan, *parent)?;
                find_or_build(stage, spec, &parent, missing, halt).await?
            }
        };
        self.known.borrow_mut().insert(lineage(stage.plan, index), record.clone());
        stage.events.emit(What::ImageReady {
            role: spec.title.clone(),
            key: record.key.clone(),
            id: record.id.clone(),
            origin: record.origin,
            took: begin.elapsed(),
        });
        Ok(record)
    }
}

impl Images {
    /// The titles of the plan's images that are not there: this one, and each that is not found or stands on one
    /// that is not.
    async fn missing<E: Engine>(
        &self,
        stage: &Stage<'_, E>,
        this: ImageIndex,
    ) -> Result<Vec<String>, Failure> {
        let mut ids: BTreeMap<ImageIndex, ImageId> = BTreeMap::new();
        let mut titles = Vec::new();
        for (index, spec) in stage.plan.chain.iter() {
            let known = self.known.borrow().get(&lineage(stage.plan, index)).cloned();
            let found = match (&spec.parent, known) {
                (_, Some(record)) => Some(record.id),
                _ if index == this => None,
                (Parent::Origin(origin), None) => super::base::find(stage, spec, origin).await?,
                (Parent::Image(parent), None) => match ids.get(parent) {
                    Some(id) => stage.engine.find_image(&spec.tag(&spec.key(id))).await?,
                    None => None,
                },
            };
            match found {
                Some(id) => _ = ids.insert(index, id),
                None => titles.push(spec.title.clone()),
            }
        }
        Ok(titles)
    }
}

/// An image that is not there, perhaps: who finds that out tells it.
#[derive(Clone, Copy)]
pub(super) struct Missing<'a> {
    images: &'a Images,
    index: ImageIndex,
}

impl Missing<'_> {
    /// Tells, once in a run, that images which take minutes have to be made: all that this site lacks.
    pub(super) async fn tell<E: Engine>(self, stage: &Stage<'_, E>) -> Result<(), Failure> {
        let slow = [ImageKind::Base, ImageKind::Environment, ImageKind::Service];
        let Missing { images, index } = self;
        if !slow.contains(&stage.plan.chain.get(index).kind) || images.told.replace(true) {
            return Ok(());
        }
        let titles = images.missing(stage, index).await?;
        stage.events.emit(What::ImagesMissing { titles });
        Ok(())
    }
}

/// The recipes from the base to the image: what it is, before any id is known.
fn lineage(plan: &Plan, index: ImageIndex) -> String {
    let spec = plan.chain.get(index);
    match spec.parent {
        Parent::Origin(_) => spec.recipe.clone(),
        Parent::Image(parent) => format!("{}/{}", lineage(plan, parent), spec.recipe),
    }
}

async fn find_or_build<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ImageSpec,
    parent: &str,
    missing: Missing<'_>,
    halt: &CancellationToken,
) -> Result<ImageRecord, Failure> {
    let key = spec.key(parent);
    let tag = spec.tag(&key);
    let record = |id: ImageId, origin| ImageRecord {
        kind: spec.kind,
        title: spec.title.clone(),
        key: key.clone(),
        id,
        origin,
    };
    if let Some(id) = stage.engine.find_image(&tag).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    let _lock = lock(stage, &key, &spec.title, halt).await?;
    if let Some(id) = stage.engine.find_image(&tag).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    missing.tell(stage).await?;
    if halt.is_cancelled() {
        return Err(stage.stop.failure());
    }
    let name = format!("stagectl-{}-build-{key}", stage.ownership.run);
    doing(stage, &format!("building {}", spec.title));
    let created = stage.engine.create_builder(&builder(stage, spec, parent, &name)).await;
    let is_created = created.is_ok();
    let resource = Resource { kind: ResourceKind::Container, name: name.clone() };
    if is_created {
        stage.events.emit(What::Created { resource: resource.clone() });
    }
    let built = match created {
        Ok(_) => build(stage, spec, &name, &tag, &key, halt).await,
        Err(error) => Err(error.into()),
    };
    let removed = stage.engine.remove_container(&name).await;
    if is_created && removed.is_ok() {
        stage.events.emit(What::Removed { resource });
    }
    let id = built?;
    removed?;
    Ok(record(id, ImageOrigin::Built))
}

fn builder<E>(stage: &Stage<'_, E>, spec: &ImageSpec, parent: &str, name: &str) -> BuildSpec {
    BuildSpec {
        name: name.to_owned(),
        image: parent.to_owned(),
        command: ["/bin/bash", "/stagectl-build/run.sh"].map(str::to_owned).into(),
        env: BTreeMap::new(),
        labels: stage.ownership.labels(&stage.site.name, &format!("build-{}", spec.kind.name())),
        files: build_files(stage, spec),
        network: spec.network,
    }
}

async fn build<E: Engine>(
    stage: &Stage<'_, E>,
    spec: &ImageSpec,
    name: &str,
    tag: &str,
    key: &str,
    halt: &CancellationToken,
) -> Result<ImageId, Failure> {
    if let Some(release) = &spec.source {
        let prefix = format!("{}/source", BUILD_FOLDER.trim_start_matches('/'));
        let tar = release.pack_tar(&prefix, Vec::new())?;
        stage.engine.upload(name, tar).await?;
    }
    stage.engine.start(name).await?;
    let mut log = BuildLog::default();
    let mut step = spec.title.clone();
    let mut line = |line: String| match log.take(&line) {
        Some(News::Step(what)) => {
            step = format!("{}: {what}", spec.title);
            doing(stage, &step);
        }
        Some(News::Detail(far)) => progress(stage, &step, far),
        Some(News::Nothing) | None => {}
    };
    tokio::select! {
        followed = stage.engine.follow(name, &mut line) => followed?,
        () = halt.cancelled() => return Err(stage.stop.failure()),
    }
    let code = stage.engine.wait(name).await?;
    if code != 0 {
        let mut whole = Whole::default();
        // Installers may show the address of an index as they were given it.
        for line in log.lines() {
            whole.push(&masked(line));
        }
        let name = format!("build-{}", spec.kind.name());
        stage.events.emit(What::OutputKept { name, lines: whole.into_lines() });
        return Err(log.failure(spec, code));
    }
    for warning in log.warnings() {
        stage.events.emit(What::Warning { message: warning.clone() });
    }
    let id = stage.engine.commit(name, tag, &image_labels(stage.ownership, spec.kind, key)).await?;
    Ok(id)
}

/// What an image says of itself; nothing of the run, as it outlives it.
pub(super) fn image_labels(ownership: &Ownership, kind: ImageKind, key: &str) -> Labels {
    Labels::from([
        (label::PROJECT.to_owned(), ownership.project.clone()),
        (label::KIND.to_owned(), kind.name().to_owned()),
        (label::KEY.to_owned(), key.to_owned()),
    ])
}

fn build_files<E>(stage: &Stage<'_, E>, spec: &ImageSpec) -> Vec<FileEntry> {
    let mut files = spec.files.clone();
    let mut variables = String::new();
    // How far it is, among its output.
    let mut apt = "APT::Status-Fd \"1\";\n".to_owned();
    for (key, value) in &stage.workshop.variables {
        variables.push_str(&format!("export {key}={}\n", shell_quote(value)));
    }
    if let Some(roots) = &stage.workshop.roots {
        let path = format!("{BUILD_FOLDER}/roots.pem");
        // pip, uv (rustls), OpenSSL and curl each have a variable of their own.
        for key in ["PIP_CERT", "SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
            variables.push_str(&format!("export {key}={path}\n"));
        }
        files.push(FileEntry::new(path.as_str(), 0o644, roots.as_slice()));
        // apt has none of them, but a file.
        apt.push_str(&format!("Acquire::https::CAInfo \"{path}\";\n"));
    }
    let config = format!("{BUILD_FOLDER}/apt.conf");
    variables.push_str(&format!("export APT_CONFIG={config}\n"));
    files.push(FileEntry::new(config, 0o644, apt));
    files.push(FileEntry::new(format!("{BUILD_FOLDER}/variables.sh"), 0o644, variables));
    files.push(FileEntry::new(format!("{BUILD_FOLDER}/script.sh"), 0o644, spec.script.as_bytes()));
    files.push(FileEntry::new(format!("{BUILD_FOLDER}/run.sh"), 0o644, built_in("image/run.sh")));
    files
}

pub(super) fn doing<E>(stage: &Stage<'_, E>, what: &str) {
    stage.events.emit(What::Doing { phase: Phase::Images, what: what.to_owned(), progress: None });
}

/// How far what it is doing is.
pub(super) fn progress<E>(stage: &Stage<'_, E>, what: &str, far: String) {
    stage.events.emit(What::Doing {
        phase: Phase::Images,
        what: what.to_owned(),
        progress: Some(far),
    });
}

/// Waits until this process is the only one on this machine that makes the image.
pub(super) async fn lock<E>(
    stage: &Stage<'_, E>,
    key: &str,
    title: &str,
    halt: &CancellationToken,
) -> Result<File, Failure> {
    let refused = |error: &std::io::Error| {
        Failure::infrastructure(format!("could not lock {}", stage.workshop.locks.display()))
            .because(error)
    };
    state::private_folder(&stage.workshop.locks)?;
    let path = stage.workshop.locks.join(format!("{key}.lock"));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| refused(&error))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    doing(stage, &format!("waiting for another run that builds {title}"));
    let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    tokio::select! {
        locked = waiting => match locked {
            Ok(file) => file.map_err(|error| refused(&error)),
            Err(error) => Err(Failure::bug("the lock's thread ended").because(&error)),
        },
        () = halt.cancelled() => Err(stage.stop.failure()),
    }
}
