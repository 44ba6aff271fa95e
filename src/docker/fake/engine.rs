//! The fake engine behind the trait.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::world::{Container, Refusal, State};
use super::{FakeEngine, Main};
use crate::docker::engine::{
    ContainerId, ContainerState, Download, Engine, EngineInfo, Exec, ImageId, ImageSummary,
    InContainer, Input, LogLine, LogRange, Output, Result, Size, TarStream, Usage,
};
use crate::docker::labels;
use crate::docker::labels::Found;
use crate::docker::traces::Traces;
use crate::replica::{Attachment, BuildSpec, ContainerSpec, FileEntry, Labels, NetworkSpec};

const PACE: Duration = Duration::from_millis(1);

impl Engine for FakeEngine {
    async fn info(&self) -> Result<EngineInfo> {
        let info = EngineInfo {
            version: "fake".to_owned(),
            api: "1.41".to_owned(),
            storage: "fake".to_owned(),
            memory: 8 << 30,
            cpus: 2,
            limits: true,
            id: "fake".to_owned(),
            host: "fake".to_owned(),
            elsewhere: None,
        };
        self.request("ask for the version".to_owned(), |_| Ok(info)).await
    }

    async fn find_image(&self, reference: &str) -> Result<Option<ImageId>> {
        self.request(format!("look for image `{reference}`"), |world| {
            Ok(world.image(reference).map(|(_, image)| image.id.clone()))
        })
        .await
    }

    async fn pull(&self, reference: &str, progress: &mut dyn FnMut(String)) -> Result<ImageId> {
        let id = self.request(format!("pull image `{reference}`"), |world| {
            if world.registry.is_empty() {
                return Err(Refusal::NoRegistry("dial tcp: no such host".to_owned()));
            }
            if !world.registry.iter().any(|there| there == reference) {
                return Err(Refusal::NotFound("manifest unknown".to_owned()));
            }
            Ok(world.add_image(reference, &[].into()))
        });
        let id = id.await?;
        progress("downloading 100 %".to_owned());
        Ok(id)
    }

    async fn import(&self, mut tar: TarStream, tag: &str, labels: &Labels) -> Result<ImageId> {
        let mut failed = None;
        while let Some(piece) = tar.next().await {
            failed = piece.err().or(failed);
        }
        self.request(format!("import image `{tag}`"), |world| match failed {
            Some(error) => Err(Refusal::Stream(error.to_string())),
            None => Ok(world.add_image(tag, labels)),
        })
        .await
    }

    async fn commit(&self, container: &str, tag: &str, labels: &Labels) -> Result<ImageId> {
        self.request(format!("commit container `{container}` as `{tag}`"), |world| {
            let labels = world.committed_labels(container, labels)?;
            Ok(world.add_image(tag, &labels))
        })
        .await
    }

    async fn images(&self, filter: &Labels) -> Result<Vec<ImageSummary>> {
        self.request("list images".to_owned(), |world| {
            let images = world.images.iter().map(|(tag, image)| ImageSummary {
                id: image.id.clone(),
                tags: vec![tag.clone()],
                size: 1,
                created: image.created,
                parent: None,
                labels: image.labels.clone(),
            });
            Ok(images.filter(|image| labels::carries(&image.labels, filter)).collect())
        })
        .await
    }

    async fn remove_image(&self, reference: &str) -> Result<()> {
        let action = format!("remove image `{reference}`");
        self.request(action, |world| world.remove_image(reference)).await
    }

    async fn used_subnets(&self) -> Result<Vec<String>> {
        self.request("list networks".to_owned(), |world| {
            let networks = world.networks.values();
            let both = networks.flat_map(|network| {
                let ipv6 = network.ipv6.iter().map(|ipv6| &ipv6.subnet);
                [&network.subnet].into_iter().chain(ipv6)
            });
            Ok(both.cloned().collect())
        })
        .await
    }

    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        let action = format!("create network `{}`", spec.name);
        self.request(action, |world| {
            if (self.taken.borrow_mut())() {
                let message = "Pool overlaps with other one on this address space".to_owned();
                return Err(Refusal::Conflict(message));
            }
            world.add_network(spec)
        })
        .await
    }

    async fn remove_network(&self, name: &str) -> Result<()> {
        let action = format!("remove network `{name}`");
        self.request(action, |world| world.remove_network(name)).await
    }

    async fn create_container(&self, spec: &ContainerSpec) -> Result<ContainerId> {
        let container = Container {
            image: spec.image.clone(),
            command: spec.command.clone(),
            network: spec.network.clone(),
            ..Container::new(&spec.labels)
        };
        let action = format!("create container `{}`", spec.name);
        self.request(action, |world| world.add_container(&spec.name, container, &spec.files)).await
    }

    async fn create_builder(&self, spec: &BuildSpec) -> Result<ContainerId> {
        let container = Container {
            image: spec.image.clone(),
            command: spec.command.clone(),
            builds: true,
            ..Container::new(&spec.labels)
        };
        let action = format!("create builder `{}`", spec.name);
        self.request(action, |world| world.add_container(&spec.name, container, &spec.files)).await
    }

    async fn start(&self, container: &str) -> Result<()> {
        self.request(format!("start container `{container}`"), |world| {
            world.may_start(container)?;
            let found = world.container(container)?;
            if found.state == State::Running {
                return Ok(());
            }
            let name = container.strip_prefix("id-").unwrap_or(container);
            found.state = match (self.mains.borrow_mut())(name, &found.command) {
                Main::Ends(code, lines) => {
                    found.log.extend(lines);
                    State::Exited(code)
                }
                Main::Says(lines) => {
                    found.log.extend(lines);
                    State::Running
                }
                Main::Runs if found.builds => State::Exited(0),
                // What is on the engine's host closes a network and ends.
                Main::Runs if found.network == Attachment::EngineHost => {
                    found.log.push("closed".to_owned());
                    State::Exited(0)
                }
                Main::Runs => State::Running,
            };
            Ok(())
        })
        .await
    }

    async fn wait(&self, container: &str) -> Result<i64> {
        let action = format!("wait for container `{container}`");
        self.request(action.clone(), |world| match world.container(container)?.state {
            State::Created => Err(Refusal::Conflict("it was never started".to_owned())),
            _ => Ok(()),
        })
        .await?;
        loop {
            let state = self.world.borrow_mut().container(container).map(|found| found.state);
            match state {
                Ok(State::Exited(code)) => return Ok(code),
                Ok(_) => tokio::time::sleep(PACE).await,
                // A container that is removed was killed.
                Err(_) => return Ok(137),
            }
        }
    }

    async fn remove_container(&self, container: &str) -> Result<()> {
        self.request(format!("remove container `{container}`"), |world| {
            let name = container.strip_prefix("id-").unwrap_or(container);
            world.containers.remove(name);
            Ok(())
        })
        .await
    }

    async fn inspect(&self, container: &str) -> Result<ContainerState> {
        self.request(format!("inspect container `{container}`"), |world| {
            let found = world.container(container)?;
            let running = found.state == State::Running;
            let address = match &found.network {
                Attachment::Own { address, .. } | Attachment::Gateway { address, .. }
                    if running =>
                {
                    Some(address.clone())
                }
                _ => None,
            };
            Ok(ContainerState {
                id: format!("id-{}", container.strip_prefix("id-").unwrap_or(container)),
                running,
                exit_code: match found.state {
                    State::Exited(code) => code,
                    _ => 0,
                },
                out_of_memory: found.out_of_memory,
                pid: i64::from(running),
                address,
                ports: std::collections::BTreeMap::new(),
                raw: serde_json::json!({"Config": {"Labels": found.labels}}),
            })
        })
        .await
    }

    async fn follow(&self, container: &str, line: &mut dyn FnMut(String)) -> Result<()> {
        let action = format!("follow container `{container}`");
        self.request(action, |world| world.container(container).map(|_| ())).await?;
        let mut said = 0;
        loop {
            let now = self
                .world
                .borrow_mut()
                .container(container)
                .map(|found| (found.log[said..].to_vec(), found.state));
            let Ok((lines, state)) = now else { return Ok(()) };
            said += lines.len();
            lines.into_iter().for_each(&mut *line);
            if matches!(state, State::Exited(_)) {
                return Ok(());
            }
            tokio::time::sleep(PACE).await;
        }
    }

    async fn logs(&self, container: &str, tail: usize) -> Result<Vec<String>> {
        self.request(format!("read the log of container `{container}`"), |world| {
            let log = &world.container(container)?.log;
            Ok(log[log.len().saturating_sub(tail)..].to_vec())
        })
        .await
    }

    async fn upload(&self, container: &str, tar: Vec<u8>) -> Result<()> {
        let action = format!("upload files to container `{container}`");
        self.request(action, |world| world.put_tar(container, &tar)).await
    }

    async fn upload_files(&self, container: &str, files: &[FileEntry]) -> Result<()> {
        let action = format!("upload files to container `{container}`");
        self.request(action, |world| world.put_files(container, files)).await
    }

    async fn download_within(&self, container: &str, path: &str, most: usize) -> Result<Download> {
        let action = format!("download `{path}` from container `{container}`");
        let mut tar = self.request(action, |world| world.get_tar(container, path)).await?;
        let is_whole = tar.len() <= most;
        tar.truncate(most);
        Ok(Download { tar, is_whole })
    }

    async fn exec(
        &self,
        container: &str,
        command: &Exec,
        line: &mut dyn FnMut(Output, String),
    ) -> Result<i64> {
        let action = format!("run `{}` in container `{container}`", command.argv.join(" "));
        let reply = self.request(action, |world| {
            world.running(container)?;
            let name = container.strip_prefix("id-").unwrap_or(container);
            let reply = (self.execs.borrow_mut())(name, command);
            world.put_files(container, &reply.files)?;
            world.container(container)?.out_of_memory |= reply.out_of_memory;
            let processes = &mut world.container(container)?.processes;
            *processes = reply.processes.or(*processes);
            if let Some(code) = reply.container_ends {
                world.container(container)?.state = State::Exited(code);
                return Err(Refusal::Ended);
            }
            Ok(reply)
        });
        let reply = reply.await?;
        for (output, text) in reply.lines {
            line(output, text);
        }
        if reply.hangs {
            std::future::pending::<()>().await;
        }
        Ok(reply.code)
    }

    /// What is typed goes nowhere.
    async fn attach(
        &self,
        container: &str,
        command: &Exec,
        _terminal: Option<Size>,
        _typed: Input,
        say: &mut dyn FnMut(Output, &[u8]),
    ) -> Result<i64> {
        let mut line = |output, text: String| say(output, format!("{text}\n").as_bytes());
        self.exec(container, command, &mut line).await
    }

    /// Every line at the zero point of time.
    async fn log(
        &self,
        container: &str,
        _wanted: LogRange,
        line: &mut dyn FnMut(LogLine),
    ) -> Result<()> {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let lines = self.logs(container, usize::MAX).await?;
        for text in lines {
            line(LogLine { at, text });
        }
        Ok(())
    }

    async fn usage(&self, container: &str) -> Result<Usage> {
        let action = format!("ask for what container `{container}` uses");
        let usage = |found: &Container| Usage { memory: 1 << 20, processes: found.processes };
        self.request(action, |world| world.running(container).map(|found| usage(found))).await
    }

    async fn copy(&self, from: InContainer<'_>, to: InContainer<'_>) -> Result<()> {
        let action =
            format!("copy `{}` to `{}` of container `{}`", from.path, to.path, to.container);
        self.request(action, |world| {
            world.container(from.container)?;
            world.container(to.container).map(|_| ())
        })
        .await
    }

    fn traces(&self, of: &[Found]) -> Traces {
        Traces::of(&self.machine.borrow(), of)
    }

    async fn inventory(&self, filter: &Labels) -> Result<Vec<Found>> {
        self.request("list containers, networks and volumes".to_owned(), |world| {
            let found = world.everything().into_iter();
            Ok(found.filter(|found| labels::carries(&found.labels, filter)).collect())
        })
        .await
    }

    async fn create_volume(&self, name: &str, labels: &Labels) -> Result<()> {
        self.request(format!("create volume `{name}`"), |world| {
            world.volumes.entry(name.to_owned()).or_insert_with(|| labels.clone());
            Ok(())
        })
        .await
    }

    async fn remove_volume(&self, name: &str) -> Result<()> {
        self.request(format!("remove volume `{name}`"), |world| {
            world.volumes.remove(name);
            Ok(())
        })
        .await
    }
}
