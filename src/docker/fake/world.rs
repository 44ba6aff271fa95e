//! What is in the fake engine, and the rules that Docker has for it.

use std::collections::BTreeMap;
use std::io::Read as _;

use crate::docker::engine::Count;
use crate::docker::labels::Found;
use crate::event::{Resource, ResourceKind};
use crate::replica::{Attachment, Content, FileEntry, Labels, NetworkSpec, label};

#[derive(Debug, Default)]
pub(super) struct World {
    /// By tag.
    pub(super) images: BTreeMap<String, Image>,
    pub(super) networks: BTreeMap<String, NetworkSpec>,
    /// By name; an id is the name with `id-` before it.
    pub(super) containers: BTreeMap<String, Container>,
    /// By name.
    pub(super) volumes: BTreeMap<String, Labels>,
    pub(super) registry: Vec<String>,
    images_made: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) id: String,
    pub(super) labels: Labels,
    pub(super) created: i64,
}

#[derive(Debug)]
pub(super) struct Container {
    pub(super) image: String,
    pub(super) command: Vec<String>,
    pub(super) network: Attachment,
    pub(super) labels: Labels,
    pub(super) files: BTreeMap<String, FileEntry>,
    pub(super) builds: bool,
    pub(super) state: State,
    pub(super) out_of_memory: bool,
    pub(super) processes: Option<Count>,
    pub(super) log: Vec<String>,
}

impl Container {
    pub(super) fn new(labels: &Labels) -> Self {
        Container {
            image: String::new(),
            command: Vec::new(),
            network: Attachment::None,
            labels: labels.clone(),
            files: BTreeMap::new(),
            builds: false,
            state: State::Created,
            out_of_memory: false,
            processes: None,
            log: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Created,
    Running,
    Exited(i64),
}

/// Why a request is not carried out; the message is in Docker's manner.
#[derive(Debug)]
pub(super) enum Refusal {
    NotFound(String),
    Conflict(String),
    NoRegistry(String),
    Ended,
    Stream(String),
}

pub(super) type Ruled<T> = Result<T, Refusal>;

impl World {
    /// Containers, networks and volumes, with their labels.
    pub(super) fn everything(&self) -> Vec<Found> {
        let containers = self.containers.iter().map(|(name, container)| Found {
            resource: Resource { kind: ResourceKind::Container, name: name.clone() },
            id: format!("id-{name}"),
            labels: container.labels.clone(),
            running: container.state == State::Running,
            created: 0,
        });
        let networks = self.networks.values().map(|network| Found {
            resource: Resource { kind: ResourceKind::Network, name: network.name.clone() },
            id: network.name.clone(),
            labels: network.labels.clone(),
            running: false,
            created: 0,
        });
        let volumes = self.volumes.iter().map(|(name, labels)| Found {
            resource: Resource { kind: ResourceKind::Volume, name: name.clone() },
            id: name.clone(),
            labels: labels.clone(),
            running: false,
            created: 0,
        });
        containers.chain(networks).chain(volumes).collect()
    }

    pub(super) fn add_image(&mut self, tag: &str, labels: &Labels) -> String {
        self.images_made += 1;
        let id = format!("sha256:{:064x}", self.images_made);
        let created = i64::from(self.images_made);
        let image = Image { id: id.clone(), labels: labels.clone(), created };
        self.images.insert(tag.to_owned(), image);
        id
    }

    /// By tag or id.
    pub(super) fn image(&self, reference: &str) -> Option<(&String, &Image)> {
        self.images.iter().find(|(tag, image)| *tag == reference || image.id == reference)
    }

    pub(super) fn remove_image(&mut self, reference: &str) -> Ruled<()> {
        let Some((tag, image)) = self.image(reference) else { return Ok(()) };
        let (tag, id) = (tag.clone(), image.id.clone());
        if self.containers.values().any(|container| container.image == id) {
            return Err(Refusal::Conflict(format!("image {tag} is used by a container")));
        }
        self.images.remove(&tag);
        Ok(())
    }

    pub(super) fn add_network(&mut self, spec: &NetworkSpec) -> Ruled<()> {
        if self.networks.contains_key(&spec.name) {
            let message = format!("network with name {} already exists", spec.name);
            return Err(Refusal::Conflict(message));
        }
        let overlaps = |network: &NetworkSpec| {
            network.subnet == spec.subnet || (network.ipv6.is_some() && network.ipv6 == spec.ipv6)
        };
        if self.networks.values().any(overlaps) {
            let message = "Pool overlaps with other one on this address space".to_owned();
            return Err(Refusal::Conflict(message));
        }
        self.networks.insert(spec.name.clone(), spec.clone());
        Ok(())
    }

    pub(super) fn remove_network(&mut self, name: &str) -> Ruled<()> {
        if self.running_on(name).next().is_some() {
            return Err(Refusal::Conflict(format!("network {name} has active endpoints")));
        }
        self.networks.remove(name);
        Ok(())
    }

    /// The addresses of the running containers of a network.
    fn running_on(&self, wanted: &str) -> impl Iterator<Item = &String> {
        self.containers.values().filter_map(move |container| match &container.network {
            Attachment::Own { network, address, .. }
            | Attachment::Gateway { network, address, .. }
                if network == wanted && container.state == State::Running =>
            {
                Some(address)
            }
            _ => None,
        })
    }

    pub(super) fn add_container(
        &mut self,
        name: &str,
        mut container: Container,
        files: &[FileEntry],
    ) -> Ruled<String> {
        let Some((_, image)) = self.image(&container.image) else {
            return Err(Refusal::NotFound(format!("No such image: {}", container.image)));
        };
        container.image.clone_from(&image.id);
        let mut labels = image.labels.clone();
        labels.append(&mut container.labels);
        container.labels = labels;
        if self.containers.contains_key(name) {
            return Err(Refusal::Conflict(format!("the container name {name} is in use")));
        }
        self.containers.insert(name.to_owned(), container);
        self.put_files(name, files)?;
        Ok(format!("id-{name}"))
    }

    /// By name or id.
    pub(super) fn container(&mut self, reference: &str) -> Ruled<&mut Container> {
        let name = reference.strip_prefix("id-").unwrap_or(reference);
        let missing = || Refusal::NotFound(format!("No such container: {reference}"));
        self.containers.get_mut(name).ok_or_else(missing)
    }

    /// What has to be so before a container can start.
    pub(super) fn may_start(&mut self, reference: &str) -> Ruled<()> {
        let container = self.container(reference)?;
        if container.state == State::Running {
            return Ok(());
        }
        match container.network.clone() {
            Attachment::Own { network, address, .. }
            | Attachment::Gateway { network, address, .. } => {
                if !self.networks.contains_key(&network) {
                    return Err(Refusal::NotFound(format!("network {network} not found")));
                }
                if self.running_on(&network).any(|taken| !address.is_empty() && *taken == address) {
                    return Err(Refusal::Conflict("Address already in use".to_owned()));
                }
            }
            Attachment::SharedWith(other) => {
                if self.container(&other)?.state != State::Running {
                    let message = "cannot join network of a non running container".to_owned();
                    return Err(Refusal::Conflict(message));
                }
            }
            Attachment::EngineHost | Attachment::None => {}
        }
        Ok(())
    }

    pub(super) fn running(&mut self, reference: &str) -> Ruled<&mut Container> {
        let container = self.container(reference)?;
        if container.state == State::Running { Ok(container) } else { Err(Refusal::Ended) }
    }

    /// Keeps what can be read back: host files and folders are kept as they are listed.
    pub(super) fn put_files(&mut self, reference: &str, files: &[FileEntry]) -> Ruled<()> {
        let container = self.container(reference)?;
        for file in files {
            container.files.insert(file.path.clone(), file.clone());
        }
        Ok(())
    }

    pub(super) fn put_tar(&mut self, reference: &str, tar: &[u8]) -> Ruled<()> {
        let unreadable = |error: std::io::Error| Refusal::Stream(error.to_string());
        let mut files = Vec::new();
        for entry in tar::Archive::new(tar).entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            let path = format!("/{}", entry.path().map_err(unreadable)?.display());
            let mode = entry.header().mode().map_err(unreadable)?;
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(unreadable)?;
            files.push(FileEntry::new(path, mode, bytes));
        }
        self.put_files(reference, &files)
    }

    /// A file, or all files below a folder, under the last part of the path.
    pub(super) fn get_tar(&mut self, reference: &str, path: &str) -> Ruled<Vec<u8>> {
        let unwritable = |error: std::io::Error| Refusal::Stream(error.to_string());
        let path = path.trim_end_matches('/');
        let parent = path.rsplit_once('/').map_or(0, |(parent, _)| parent.len() + 1);
        let below = format!("{path}/");
        let mut tar = tar::Builder::new(Vec::new());
        let mut found = false;
        for (name, file) in &self.container(reference)?.files {
            if name != path && !name.starts_with(&below) {
                continue;
            }
            found = true;
            let Content::Bytes(bytes) = &file.content else { continue };
            let mut header = tar::Header::new_gnu();
            header.set_mode(file.mode);
            header.set_uid(file.uid.into());
            header.set_gid(file.gid.into());
            header.set_size(bytes.len() as u64);
            let result = tar.append_data(&mut header, &name[parent..], bytes.as_slice());
            result.map_err(unwritable)?;
        }
        if !found {
            return Err(Refusal::NotFound(format!("Could not find the file {path}")));
        }
        tar.into_inner().map_err(unwritable)
    }

    pub(super) fn resources(&self) -> Vec<Resource> {
        let of = |kind, name: &String| Resource { kind, name: name.clone() };
        let containers = self.containers.keys().map(|name| of(ResourceKind::Container, name));
        let networks = self.networks.keys().map(|name| of(ResourceKind::Network, name));
        let volumes = self.volumes.keys().map(|name| of(ResourceKind::Volume, name));
        containers.chain(networks).chain(volumes).collect()
    }

    /// What a container's labels leave in an image committed from it.
    pub(super) fn committed_labels(&mut self, reference: &str, wanted: &Labels) -> Ruled<Labels> {
        let mut committed = self.container(reference)?.labels.clone();
        for (key, value) in &mut committed {
            if key.starts_with(label::PREFIX) {
                value.clear();
            }
        }
        committed.extend(wanted.clone());
        Ok(committed)
    }
}
