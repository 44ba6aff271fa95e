//! An image out of its parent: a container of that, a script, a commit.

use std::collections::BTreeMap;

use bytesize::ByteSize;

use super::build_log::BuildLog;
use super::known::ImageRecord;
use super::lock::lock;
use super::progress::News;
use super::record::{doing, image_labels, progress};
use crate::docker::{Engine, ImageId};
use crate::event::{ImageOrigin, Resource, ResourceKind, What};
use crate::failure::Failure;
use crate::inside::Whole;
use crate::provision::execution::Execution;
use crate::replica::{BUILD_FOLDER, BuildSpec, FileEntry, ImageSpec, built_in, shell_quote};
use crate::site::masked;

pub(in crate::provision::image) async fn find_or_build<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    parent: &str,
    missing: impl AsyncFnOnce() -> Result<(), Failure>,
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
    if let Some(id) = work.run.engine.find_image(&tag).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    let _lock = lock(work, &key, &spec.title).await?;
    if let Some(id) = work.run.engine.find_image(&tag).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    missing().await?;
    if work.halt.is_cancelled() {
        return Err(work.replica.stop.failure());
    }
    let name = format!("stagectl-{}-build-{key}", work.run.spec.ownership.run);
    doing(work, &format!("building {}", spec.title));
    let created = work.run.engine.create_builder(&builder(work, spec, parent, &name)).await;
    let is_created = created.is_ok();
    let resource = Resource { kind: ResourceKind::Container, name: name.clone() };
    if is_created {
        work.replica.events.emit(What::Created { resource: resource.clone() });
    }
    let built = match created {
        Ok(_) => build(work, spec, &name, &tag, &key).await,
        Err(error) => Err(error.into()),
    };
    let removed = work.run.engine.remove_container(&name).await;
    if is_created && removed.is_ok() {
        work.replica.events.emit(What::Removed { resource });
    }
    let id = built?;
    removed?;
    Ok(record(id, ImageOrigin::Built))
}

fn builder<E>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    parent: &str,
    name: &str,
) -> BuildSpec {
    BuildSpec {
        name: name.to_owned(),
        image: parent.to_owned(),
        command: ["/bin/bash", "/stagectl-build/run.sh"].map(str::to_owned).into(),
        env: BTreeMap::new(),
        labels: work
            .run
            .spec
            .ownership
            .labels(&work.replica.site.name, &format!("build-{}", spec.kind.name())),
        files: build_files(work, spec),
        network: spec.network,
    }
}

async fn build<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    name: &str,
    tag: &str,
    key: &str,
) -> Result<ImageId, Failure> {
    if let Some(release) = &spec.source {
        let prefix = format!("{}/source", BUILD_FOLDER.trim_start_matches('/'));
        let tar = release.pack_tar(&prefix, Vec::new())?;
        let size = ByteSize(tar.len() as u64);
        progress(work, &format!("building {}", spec.title), format!("uploading {size}"));
        work.run.engine.upload(name, tar).await?;
    }
    work.run.engine.start(name).await?;
    let mut log = BuildLog::default();
    let mut step = spec.title.clone();
    let mut line = |line: String| match log.take(&line) {
        Some(News::Step(what)) => {
            step = format!("{}: {what}", spec.title);
            doing(work, &step);
        }
        Some(News::Detail(far)) => progress(work, &step, far),
        Some(News::Nothing) | None => {}
    };
    tokio::select! {
        followed = work.run.engine.follow(name, &mut line) => followed?,
        () = work.halt.cancelled() => return Err(work.replica.stop.failure()),
    }
    let code = work.run.engine.wait(name).await?;
    if code != 0 {
        let mut whole = Whole::default();
        // Installers may show the address of an index as they were given it.
        for line in log.lines() {
            whole.push(&masked(line));
        }
        let name = format!("build-{}", spec.kind.name());
        work.replica.events.emit(What::OutputKept { name, lines: whole.into_lines() });
        return Err(log.failure(spec, code));
    }
    for warning in log.warnings() {
        work.replica.events.emit(What::Warning { message: warning.clone() });
    }
    let id = work
        .run
        .engine
        .commit(name, tag, &image_labels(&work.run.spec.ownership, spec.kind, key))
        .await?;
    Ok(id)
}

fn build_files<E>(work: &Execution<'_, '_, E>, spec: &ImageSpec) -> Vec<FileEntry> {
    let mut files = spec.files.clone();
    let mut variables = String::new();
    // How far it is, among its output.
    let mut apt = "APT::Status-Fd \"1\";\n".to_owned();
    for (key, value) in &work.run.workshop.variables {
        variables.push_str(&format!("export {key}={}\n", shell_quote(value)));
    }
    if let Some(roots) = &work.run.workshop.roots {
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
