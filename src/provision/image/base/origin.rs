//! Bases: from the local store, the registry, an archive, or bootstrapped from Debian's packages.

use super::bootstrap::{Day, bootstrap};
use super::stream::doing;
use crate::docker::{Engine, ImageId};
use crate::event::ImageOrigin;
use crate::failure::Failure;
use crate::provision::execution::Execution;
use crate::provision::image::known::ImageRecord;
use crate::provision::image::lock::lock;
use crate::provision::image::record::progress;
use crate::replica::ImageSpec;
use crate::site::BaseOrigin;

pub(in crate::provision) async fn ensure<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    origin: &BaseOrigin,
    missing: impl AsyncFnOnce() -> Result<(), Failure>,
) -> Result<ImageRecord, Failure> {
    let record = |id, origin| ImageRecord {
        kind: spec.kind,
        title: spec.title.clone(),
        key: spec.recipe.clone(),
        id,
        origin,
    };
    if let BaseOrigin::Image(reference) = origin {
        return found_or_pulled(work, reference, missing)
            .await
            .map(|(id, origin)| record(id, origin));
    }
    let Some(own) = spec.base_tag() else {
        return Err(Failure::bug(format!("{} has no tag", spec.title)));
    };
    if let Some(id) = find(work, spec, origin).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    let official = official(origin);
    let name = own.rsplit_once(':').map_or(own.as_str(), |(_, version)| version);
    let _lock = lock(work, &format!("base-{name}"), &spec.title).await?;
    if let Some(id) = work.run.engine.find_image(&own).await? {
        return Ok(record(id, ImageOrigin::Cached));
    }
    missing().await?;
    if let Some(official) = &official
        && let Ok(id) = pull(work, official).await
    {
        return Ok(record(id, ImageOrigin::Pulled));
    }
    match origin {
        BaseOrigin::Debian(suite) => {
            let id = bootstrap(work, spec, suite, Day::Today, &own).await?;
            Ok(record(id, ImageOrigin::Bootstrapped))
        }
        BaseOrigin::Snapshot { debian, snapshot } => {
            let id = bootstrap(work, spec, debian, Day::Of(*snapshot), &own).await?;
            Ok(record(id, ImageOrigin::Bootstrapped))
        }
        BaseOrigin::Rootfs(path) => {
            let id = super::rootfs::import(work, spec, path, &own).await?;
            Ok(record(id, ImageOrigin::Imported))
        }
        BaseOrigin::Image(reference) => {
            Err(Failure::bug(format!("the base {reference} has a tag of its own")))
        }
    }
}

/// A base that is there: as it is named, as stagectl keeps it, or the registry's.
pub(in crate::provision) async fn find<E: Engine>(
    work: &Execution<'_, '_, E>,
    spec: &ImageSpec,
    origin: &BaseOrigin,
) -> Result<Option<ImageId>, Failure> {
    let named = match origin {
        BaseOrigin::Image(reference) => Some(reference.clone()),
        _ => spec.base_tag(),
    };
    for reference in named.into_iter().chain(official(origin)) {
        if let Some(id) = work.run.engine.find_image(&reference).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// What the registry has for it.
fn official(origin: &BaseOrigin) -> Option<String> {
    match origin {
        BaseOrigin::Debian(suite) => Some(format!("debian:{suite}-slim")),
        // What the registry has is of no certain day.
        _ => None,
    }
}

/// An image that the description names.
async fn found_or_pulled<E: Engine>(
    work: &Execution<'_, '_, E>,
    reference: &str,
    missing: impl AsyncFnOnce() -> Result<(), Failure>,
) -> Result<(String, ImageOrigin), Failure> {
    if let Some(id) = work.run.engine.find_image(reference).await? {
        return Ok((id, ImageOrigin::Cached));
    }
    missing().await?;
    let id = pull(work, reference).await.map_err(|failure| {
        failure.hint(format!("check `base.image` of {}: {reference}", work.replica.site.name))
    })?;
    Ok((id, ImageOrigin::Pulled))
}

async fn pull<E: Engine>(work: &Execution<'_, '_, E>, reference: &str) -> Result<String, Failure> {
    doing(work, format!("asking the registry for {reference}"));
    let mut told = |far: String| progress(work, &format!("pulling {reference}"), far);
    Ok(work.run.engine.pull(reference, &mut told).await?)
}
