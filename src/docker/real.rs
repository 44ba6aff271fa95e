//! The real engine behind the trait; each request is in the file of its subject.

use std::path::Path;

use super::archive::Archive;
use super::connection::Docker;
use super::engine::{
    ContainerId, ContainerState, Download, Engine, EngineInfo, Exec, ImageId, ImageSummary,
    InContainer, Input, LogLine, LogRange, Output, Result, Size, TarStream, Usage,
};
use super::labels::Found;
use super::traced::{list_labels, traced};
use super::traces::Traces;
use crate::replica::{BuildSpec, ContainerSpec, FileEntry, Labels, NetworkSpec};

impl Engine for Docker {
    async fn info(&self) -> Result<EngineInfo> {
        Ok(self.info.clone())
    }

    async fn find_image(&self, reference: &str) -> Result<Option<ImageId>> {
        traced("find_image", reference, self.image_id(reference)).await
    }

    async fn pull(&self, reference: &str, progress: &mut dyn FnMut(String)) -> Result<ImageId> {
        traced("pull", reference, self.pull_image(reference, progress)).await
    }

    async fn import(&self, tar: TarStream, tag: &str, labels: &Labels) -> Result<ImageId> {
        traced("import", tag, self.import_image(tar, tag, labels)).await
    }

    async fn commit(&self, container: &str, tag: &str, labels: &Labels) -> Result<ImageId> {
        traced("commit", container, self.commit_image(container, tag, labels)).await
    }

    async fn images(&self, filter: &Labels) -> Result<Vec<ImageSummary>> {
        traced("images", list_labels(filter), self.list_images(filter)).await
    }

    async fn remove_image(&self, reference: &str) -> Result<()> {
        traced("remove_image", reference, self.delete_image(reference)).await
    }

    async fn used_subnets(&self) -> Result<Vec<String>> {
        traced("used_subnets", "networks", self.list_subnets()).await
    }

    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        traced("create_network", &spec.name, self.make_network(spec)).await
    }

    async fn remove_network(&self, name: &str) -> Result<()> {
        traced("remove_network", name, self.delete_network(name)).await
    }

    async fn create_container(&self, spec: &ContainerSpec) -> Result<ContainerId> {
        traced("create_container", &spec.name, self.new_container(spec)).await
    }

    async fn create_builder(&self, spec: &BuildSpec) -> Result<ContainerId> {
        traced("create_builder", &spec.name, self.new_builder(spec)).await
    }

    async fn start(&self, container: &str) -> Result<()> {
        traced("start", container, self.start_container(container)).await
    }

    async fn wait(&self, container: &str) -> Result<i64> {
        traced("wait", container, self.wait_for_exit(container)).await
    }

    async fn remove_container(&self, container: &str) -> Result<()> {
        traced("remove_container", container, self.delete_container(container)).await
    }

    async fn inspect(&self, container: &str) -> Result<ContainerState> {
        traced("inspect", container, self.container_state(container)).await
    }

    async fn follow(&self, container: &str, line: &mut dyn FnMut(String)) -> Result<()> {
        traced("follow", container, self.follow_output(container, line)).await
    }

    async fn logs(&self, container: &str, tail: usize) -> Result<Vec<String>> {
        traced("logs", container, self.last_lines(container, tail)).await
    }

    async fn upload(&self, container: &str, tar: Vec<u8>) -> Result<()> {
        traced("upload", container, self.put_archive(container, Archive::Memory(tar))).await
    }

    async fn upload_files(&self, container: &str, files: &[FileEntry]) -> Result<()> {
        traced("upload_files", container, self.put_files(container, files)).await
    }

    async fn download_within(&self, container: &str, path: &str, most: usize) -> Result<Download> {
        traced(
            "download_within",
            format_args!("{container}:{path}"),
            self.get_archive(container, path, most),
        )
        .await
    }

    async fn exec(
        &self,
        container: &str,
        command: &Exec,
        line: &mut dyn FnMut(Output, String),
    ) -> Result<i64> {
        traced("exec", container, self.run_inside(container, command, line)).await
    }

    fn warm_up(&self, container: &str, argv: &[String]) {
        self.start_forkserver(container, argv);
    }

    fn cool_down(&self, container: &str) {
        self.forkservers.stop(container);
    }

    async fn attach(
        &self,
        container: &str,
        command: &Exec,
        terminal: Option<Size>,
        typed: Input,
        say: &mut dyn FnMut(Output, &[u8]),
    ) -> Result<i64> {
        traced("attach", container, self.attach_inside(container, command, terminal, typed, say))
            .await
    }

    async fn log(
        &self,
        container: &str,
        wanted: LogRange,
        line: &mut dyn FnMut(LogLine),
    ) -> Result<()> {
        traced("log", container, self.read_log(container, wanted, line)).await
    }

    async fn usage(&self, container: &str) -> Result<Usage> {
        traced("usage", container, self.used_by(container)).await
    }

    async fn copy(&self, from: InContainer<'_>, to: InContainer<'_>) -> Result<()> {
        traced(
            "copy",
            format_args!("{}:{} to {}:{}", from.container, from.path, to.container, to.path),
            self.copy_archive(from, to),
        )
        .await
    }

    async fn inventory(&self, filter: &Labels) -> Result<Vec<Found>> {
        traced("inventory", list_labels(filter), self.find_by_labels(filter)).await
    }

    fn traces(&self, of: &[Found]) -> Traces {
        Traces::of(Path::new("/"), of)
    }

    async fn create_volume(&self, name: &str, labels: &Labels) -> Result<()> {
        traced("create_volume", name, self.make_volume(name, labels)).await
    }

    async fn remove_volume(&self, name: &str) -> Result<()> {
        traced("remove_volume", name, self.delete_volume(name)).await
    }
}
