//! A stage for one test: a connection, names and labels of its own, a tiny image that needs no
//! registry, and a clean-up that proves itself.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Command;

use futures_util::FutureExt as _;
use stagectl::docker::{Docker, Engine, Exec, Output};
use stagectl::event::ResourceKind;
use stagectl::replica::label;
use stagectl::replica::{Attachment, ContainerSpec, Labels, Limits, LookupSpec};

pub(crate) struct Stage {
    pub(crate) docker: Docker,
    name: String,
}

impl Stage {
    /// Runs a test on a stage of its own, cleans up whatever became of it, and fails if anything
    /// is left.
    pub(crate) fn run(test: &str, body: impl AsyncFnOnce(&Stage)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let docker = Docker::connect().await.expect("these tests need Docker");
            let name = format!("stagectl-dockertest-{test}-{}", std::process::id());
            let stage = Stage { docker, name };
            let outcome = AssertUnwindSafe(body(&stage)).catch_unwind().await;
            stage.clean_up().await;
            if let Err(panic) = outcome {
                std::panic::resume_unwind(panic);
            }
        });
    }

    pub(crate) fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }

    pub(crate) fn labels(&self) -> Labels {
        BTreeMap::from([(label::RUN.to_owned(), self.name.clone())])
    }

    /// A container that sleeps until it is removed.
    pub(crate) fn container(&self, part: &str) -> ContainerSpec {
        ContainerSpec {
            name: self.name(part),
            role: part.to_owned(),
            image: self.name("image"),
            network: Attachment::None,
            hostname: None,
            command: vec!["/bin/sleep".to_owned(), "600".to_owned()],
            env: BTreeMap::new(),
            labels: self.labels(),
            files: vec![],
            limits: Limits::default(),
            capabilities: vec![],
            tmpfs: BTreeMap::new(),
            volumes: BTreeMap::new(),
            sysctls: BTreeMap::new(),
            ulimits: Vec::new(),
            lookup: LookupSpec::default(),
            published: Vec::new(),
            stop_signal: None,
        }
    }

    pub(crate) async fn started(&self, spec: &ContainerSpec) {
        self.docker.create_container(spec).await.unwrap();
        self.docker.start(&spec.name).await.unwrap();
    }

    /// Imports this machine's shell and a few of its tools as an image.
    pub(crate) async fn import_image(&self) {
        let pieces: Vec<std::io::Result<Vec<u8>>> =
            root_file_system().chunks(64 * 1024).map(|chunk| Ok(chunk.to_vec())).collect();
        let tar = Box::pin(futures_util::stream::iter(pieces));
        let mut labels = self.labels();
        labels.insert("odd".to_owned(), r#"a "$b" \c 'd' é"#.to_owned());
        self.docker.import(tar, &self.name("image"), &labels).await.unwrap();
    }

    /// Output lines and exit code of a shell command inside.
    pub(crate) async fn sh(&self, part: &str, script: &str) -> (i64, Vec<String>) {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let (code, lines) = self.exec(part, Exec { argv, ..Exec::default() }).await;
        (code, lines.into_iter().map(|(_, line)| line).collect())
    }

    pub(crate) async fn exec(&self, part: &str, command: Exec) -> (i64, Vec<(Output, String)>) {
        let mut lines = Vec::new();
        let mut line = |output, text| lines.push((output, text));
        let code = self.docker.exec(&self.name(part), &command, &mut line).await.unwrap();
        (code, lines)
    }

    async fn clean_up(&self) {
        for found in self.docker.inventory(&self.labels()).await.unwrap() {
            let name = found.resource.name.as_str();
            let removed = match found.resource.kind {
                ResourceKind::Container => self.docker.remove_container(name).await,
                ResourceKind::Network => self.docker.remove_network(name).await,
                ResourceKind::Volume => self.docker.remove_volume(name).await,
                ResourceKind::Image => self.docker.remove_image(name).await,
                kind => unreachable!("Docker lists no {}", kind.name()),
            };
            removed.unwrap();
        }
        let mut images = self.docker.images(&self.labels()).await.unwrap();
        images.sort_by_key(|image| std::cmp::Reverse(image.created));
        for image in images {
            self.docker.remove_image(&image.tags[0]).await.unwrap();
        }
        assert_eq!(self.docker.inventory(&self.labels()).await.unwrap(), []);
        assert_eq!(self.docker.images(&self.labels()).await.unwrap(), []);
    }
}

/// A tar of a shell and a few tools with the libraries they need, copied from this machine.
pub(crate) fn root_file_system() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut there = std::collections::BTreeSet::new();
    let mut add = |source: &Path, target: &str| {
        if there.insert(target.to_owned()) {
            let mut file = std::fs::File::open(source).unwrap();
            tar.append_file(target.trim_start_matches('/'), &mut file).unwrap();
        }
    };
    for tool in ["sh", "cat", "sleep", "rm", "stat", "id", "env", "ls", "mkdir", "bash", "timeout"]
    {
        let program = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(tool));
        let program = program.iter().find(|path| path.exists()).unwrap();
        add(&program.canonicalize().unwrap(), &format!("/bin/{tool}"));
        let needs = Command::new("ldd").arg(program).output().unwrap().stdout;
        for word in String::from_utf8(needs).unwrap().split_whitespace() {
            if word.starts_with('/') {
                add(&Path::new(word).canonicalize().unwrap(), word);
            }
        }
    }
    tar.into_inner().unwrap()
}
