//! What an engine says of itself, for those who look for what is wrong with it.

use std::path::{Path, PathBuf};

use super::connection::Docker;
use super::daemon;
use super::engine::Result;
use super::traced::{ENGINE, traced};

/// Facts of an engine and its host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngineFacts {
    pub version: String,
    pub api: String,
    /// How it stores images: `overlay2`.
    pub storage: String,
    /// Where it stores them, on its own host.
    pub root: PathBuf,
    pub is_rootless: bool,
    /// `Debian GNU/Linux 12 (bookworm)`
    pub system: String,
    pub kernel: String,
    pub architecture: String,
    /// `v2, systemd`
    pub cgroup: String,
    pub cpus: u32,
    /// Bytes.
    pub memory: u64,
    /// True where memory and processes can be limited.
    pub limits: bool,
    /// Its name of its host.
    pub host: String,
    /// True where it is seen to make no packet rules for its networks.
    pub makes_no_rules: bool,
}

impl Docker {
    /// Where it listens, with the Docker context if that says so.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its own name of itself, wherever it is reached from.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.info.id
    }

    /// True where the engine listens on a socket of this machine, and so may share its disk.
    #[must_use]
    pub fn is_on_a_socket(&self) -> bool {
        self.address.starts_with("unix://")
    }

    /// Returns what the engine says of itself and its host, asked anew.
    ///
    /// # Errors
    /// No usable answer.
    pub async fn facts(&self) -> Result<EngineFacts> {
        let failed = self.failed("ask Docker about itself");
        let info = async { self.client.info().await.map_err(failed) };
        let info = traced("info", ENGINE, info).await?;
        let version = info.cgroup_version.map_or(String::new(), |version| format!("v{version}"));
        let driver = info.cgroup_driver.map_or(String::new(), |driver| driver.to_string());
        let cgroup = [version, driver].into_iter().filter(|text| text.len() > 1);
        Ok(EngineFacts {
            version: self.info.version.clone(),
            api: self.info.api.clone(),
            storage: self.info.storage.clone(),
            root: info.docker_root_dir.map(PathBuf::from).unwrap_or_default(),
            is_rootless: self.can.rootless,
            system: info.operating_system.unwrap_or_default(),
            kernel: info.kernel_version.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            cgroup: cgroup.collect::<Vec<_>>().join(", "),
            cpus: self.info.cpus,
            memory: self.info.memory,
            limits: self.info.limits,
            host: self.info.host.clone(),
            makes_no_rules: match self.address.strip_prefix("unix://") {
                Some(rest) => {
                    let path = rest.split(" (context").next().unwrap_or(rest);
                    daemon::makes_no_rules(Path::new(path)).await
                }
                None => false,
            },
        })
    }

    /// Asks the registry for an image through the engine, whose network and proxies count. Nothing
    /// is pulled.
    pub async fn ask_registry(&self, reference: &str) -> Result<()> {
        let failed = self.failed(format!("ask the registry for `{reference}`"));
        let answer = async {
            let answer = self.client.inspect_registry_image(reference, None).await;
            answer.map(drop).map_err(failed)
        };
        traced("ask_registry", reference, answer).await
    }
}
