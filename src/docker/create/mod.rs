//! The creation of containers, and the files that go in.

mod body;
mod mounting;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, DownloadFromContainerOptionsBuilder,
    UploadToContainerOptionsBuilder,
};
use futures_util::StreamExt as _;
use tokio_util::io::ReaderStream;

use crate::replica::{Attachment, BuildSpec, ContainerSpec, FileEntry};

use super::archive::{self, Archive};
use super::connection::Docker;
use super::engine::{ContainerId, InContainer, Result};
use super::error::DockerError;
use body::{builder_body, container_body, launcher};

const UPLOAD_PATIENCE: Duration = Duration::from_mins(15);

impl Docker {
    pub(super) async fn new_container(&self, spec: &ContainerSpec) -> Result<ContainerId> {
        let body = container_body(spec, self.api, self.can, self.info.cpus);
        let id = self.create(&spec.name, body).await?;
        if matches!(spec.network, Attachment::Gateway { .. }) {
            self.connect_to_bridge(&spec.name).await?;
        }
        self.put_files(&id, &spec.files).await?;
        Ok(id)
    }

    pub(super) async fn new_builder(&self, spec: &BuildSpec) -> Result<ContainerId> {
        let id = self.create(&spec.name, builder_body(spec)).await?;
        let mut files = spec.files.clone();
        files.extend(launcher(&spec.env));
        self.put_files(&id, &files).await?;
        Ok(id)
    }

    async fn create(&self, name: &str, body: ContainerCreateBody) -> Result<ContainerId> {
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let answer = self.client.create_container(Some(options), body).await;
        Ok(answer.map_err(self.failed(format!("create container `{name}`")))?.id)
    }

    pub(super) async fn put_files(&self, container: &str, files: &[FileEntry]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let files = files.to_vec();
        let packing = tokio::task::spawn_blocking(move || archive::pack(&files, SystemTime::now()));
        let archive = packing.await.map_err(|panic| DockerError::HostFile {
            path: "archive".to_owned(),
            source: panic.into(),
        })??;
        self.put_archive(container, archive).await
    }

    pub(super) async fn put_archive(&self, container: &str, archive: Archive) -> Result<()> {
        let body = match archive {
            Archive::Memory(bytes) => bollard::body_full(bytes.into()),
            Archive::File(file) => {
                bollard::body_try_stream(ReaderStream::new(tokio::fs::File::from_std(file)))
            }
        };
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let client = self.patient(UPLOAD_PATIENCE);
        let answer = client.upload_to_container(container, Some(options), body).await;
        answer.map_err(self.failed(format!("upload files to container `{container}`")))
    }
    /// Piece by piece: neither this machine nor its disk ever holds all of it.
    pub(in crate::docker) async fn copy_archive(
        &self,
        from: InContainer<'_>,
        to: InContainer<'_>,
    ) -> Result<()> {
        let action =
            format!("copy `{}` to `{}` of container `{}`", from.path, to.path, to.container);
        let options = DownloadFromContainerOptionsBuilder::default().path(from.path).build();
        let pieces = self.client.download_from_container(from.container, Some(options));
        let mut pieces = Box::pin(pieces.map(|piece| piece.map_err(std::io::Error::other)));
        // What is not there is an error before anything is written.
        let first = match pieces.next().await {
            Some(Ok(first)) => first,
            Some(Err(error)) => return Err(self.lost_copy(action, error)),
            None => return Ok(()),
        };
        let body = futures_util::stream::iter([Ok(first)]).chain(pieces);
        let options = UploadToContainerOptionsBuilder::default().path(to.path).build();
        let client = self.patient(UPLOAD_PATIENCE);
        let body = bollard::body_try_stream(body);
        let answer = client.upload_to_container(to.container, Some(options), body).await;
        answer.map_err(self.failed(action))
    }

    fn lost_copy(&self, action: String, error: std::io::Error) -> DockerError {
        match error.downcast::<bollard::errors::Error>() {
            Ok(error) => self.failed(action)(error),
            Err(error) => DockerError::Stream { action, message: error.to_string() },
        }
    }
}
