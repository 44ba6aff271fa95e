//! The life of a container: started, waited for, looked at, read from, removed.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::ContainerStateStatusEnum;
use bollard::query_parameters::{
    DownloadFromContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
    StartContainerOptions, WaitContainerOptionsBuilder,
};
use futures_util::{Stream, StreamExt as _};

use super::connection::Docker;
use super::engine::{ContainerState, Download, Result};
use super::error::{DockerError, gone_is_fine};
use super::lines::{LastLines, Lines};

/// How often a removal is tried that the engine could not do or has begun already.
const REMOVALS: u32 = 100;
const REMOVAL_PACE: Duration = Duration::from_millis(50);

impl Docker {
    pub(super) async fn start_container(&self, container: &str) -> Result<()> {
        let answer = self.client.start_container(container, None::<StartContainerOptions>).await;
        answer.map_err(self.failed(format!("start container `{container}`")))
    }

    /// The exit code of a container that was started. One that never was is a conflict: the
    /// engine would call its code 0.
    pub(super) async fn wait_for_exit(&self, container: &str) -> Result<i64> {
        let action = format!("wait for container `{container}`");
        loop {
            let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
            let mut answers = std::pin::pin!(self.client.wait_container(container, Some(options)));
            match answers.next().await {
                Some(Ok(answer)) if answer.status_code != 0 => return Ok(answer.status_code),
                Some(Err(Error::DockerContainerWaitError { error, code })) if error.is_empty() => {
                    return Ok(code);
                }
                Some(Err(Error::DockerContainerWaitError { error: message, .. })) => {
                    return Err(DockerError::Stream { action, message });
                }
                Some(Err(error)) => return Err(self.failed(action)(error)),
                // Code 0, or an answer that broke off: see for ourselves.
                Some(Ok(_)) | None => {}
            }
            let found = self.client.inspect_container(container, None).await;
            let state = found.map_err(self.failed(action.clone()))?.state.unwrap_or_default();
            if state.status == Some(ContainerStateStatusEnum::CREATED) {
                let message = "it was never started".to_owned();
                return Err(DockerError::Conflict { action, message });
            }
            if state.running != Some(true) {
                return Ok(state.exit_code.unwrap_or(0));
            }
            tokio::time::sleep(REMOVAL_PACE).await;
        }
    }

    /// Returns when it is gone, also when somebody else's removal of it was under way.
    pub(super) async fn delete_container(&self, container: &str) -> Result<()> {
        let mut left = REMOVALS;
        loop {
            let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
            let answer = self.client.remove_container(container, Some(options)).await;
            let failed = self.failed(format!("remove container `{container}`"));
            let again = match &answer {
                Err(Error::DockerResponseServerError { status_code: 409, message }) => {
                    message.contains("already in progress")
                }
                // "device or resource busy": a mount that is on its way out.
                Err(Error::DockerResponseServerError { status_code: 500, message }) => {
                    message.contains("busy")
                }
                _ => false,
            };
            if !again || left == 0 {
                return gone_is_fine(answer.map_err(failed));
            }
            left -= 1;
            tokio::time::sleep(REMOVAL_PACE).await;
        }
    }

    pub(super) async fn container_state(&self, container: &str) -> Result<ContainerState> {
        let action = format!("inspect container `{container}`");
        let found = self.client.inspect_container(container, None).await;
        let found = found.map_err(self.failed(action.clone()))?;
        let raw = serde_json::to_value(&found).map_err(|error| {
            let message = error.to_string();
            DockerError::Stream { action, message }
        })?;
        let state = found.state.unwrap_or_default();
        let settings = found.network_settings.unwrap_or_default();
        let published = settings.ports.unwrap_or_default().into_iter().filter_map(|(own, at)| {
            let at = at?.into_iter().find_map(|binding| binding.host_port?.parse().ok())?;
            Some((own.split('/').next()?.parse().ok()?, at))
        });
        let networks = settings.networks;
        Ok(ContainerState {
            id: found.id.unwrap_or_default(),
            running: state.running.unwrap_or(false),
            exit_code: state.exit_code.unwrap_or(0),
            out_of_memory: state.oom_killed.unwrap_or(false),
            pid: state.pid.unwrap_or(0),
            address: networks
                .unwrap_or_default()
                .into_values()
                .filter_map(|endpoint| endpoint.ip_address)
                .find(|address| !address.is_empty()),
            ports: published.collect(),
            raw,
        })
    }

    pub(super) async fn follow_output(
        &self,
        container: &str,
        line: &mut dyn FnMut(String),
    ) -> Result<()> {
        let options = LogsOptionsBuilder::default().follow(true).stdout(true).stderr(true).build();
        let output = self.client.logs(container, Some(options));
        self.read_lines(format!("follow container `{container}`"), output, line).await
    }

    pub(super) async fn last_lines(&self, container: &str, tail: usize) -> Result<Vec<String>> {
        let options =
            LogsOptionsBuilder::default().stdout(true).stderr(true).tail(&tail.to_string()).build();
        let output = self.client.logs(container, Some(options));
        let mut lines = LastLines::default();
        let action = format!("read the log of container `{container}`");
        self.read_lines(action, output, &mut |line| lines.push(line)).await?;
        Ok(lines.into_lines())
    }

    async fn read_lines(
        &self,
        action: String,
        output: impl Stream<Item = std::result::Result<LogOutput, Error>>,
        line: &mut dyn FnMut(String),
    ) -> Result<()> {
        let (mut out, mut err) = (Lines::default(), Lines::default());
        let mut output = std::pin::pin!(output);
        while let Some(piece) = output.next().await {
            match piece.map_err(self.failed(action.clone()))? {
                LogOutput::StdErr { message } => err.push(&message, line),
                other => out.push(&other.into_bytes(), line),
            }
        }
        out.finish(line);
        err.finish(line);
        Ok(())
    }

    /// The engine goes on sending until the connection is closed, which the end of this does.
    pub(super) async fn get_archive(
        &self,
        container: &str,
        path: &str,
        most: usize,
    ) -> Result<Download> {
        let options = DownloadFromContainerOptionsBuilder::default().path(path).build();
        let mut pieces = self.client.download_from_container(container, Some(options));
        let action = format!("download `{path}` from container `{container}`");
        let mut tar = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(self.failed(action.clone()))?;
            let room = (most - tar.len()).min(piece.len());
            tar.extend_from_slice(&piece[..room]);
            if room < piece.len() {
                return Ok(Download { tar, is_whole: false });
            }
        }
        Ok(Download { tar, is_whole: true })
    }
}
