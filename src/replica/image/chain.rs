//! The image chain: what each image is made of, keyed by content. How one is made is
//! `provision`'s affair.

use std::path::Path;

use serde::Serialize;

use crate::digest::Digest;
use crate::release::Release;
use crate::replica::spec::{BuildNetwork, Content, FileEntry};
use crate::site::BaseOrigin;

/// Changes whenever the way in which images are made changes, so that older ones are not reused.
const RECIPE_VERSION: &str = "1";

/// Where everything that a build needs is put; gone before the image is made.
pub const BUILD_FOLDER: &str = "/stagectl-build";

/// A place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// A bare Debian, or what the description names.
    Base,
    /// What installs Python distributions, on a base or on a site's packages.
    Installer,
    /// The site's machine: locale, time zone, user, folders; on its packages, or on its test tools.
    Environment,
    /// What the release needs.
    Dependencies,
    /// With the release installed.
    Release,
    /// The test tools beside the site's Python.
    Suite,
    /// Debian packages on a base: a site's own, a service's, the resolver's.
    Packages,
    /// A service with its data in place.
    Service,
}

impl ImageKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ImageKind::Base => "base",
            ImageKind::Installer => "installer",
            ImageKind::Environment => "environment",
            ImageKind::Dependencies => "dependencies",
            ImageKind::Release => "release",
            ImageKind::Suite => "suite",
            ImageKind::Packages => "packages",
            ImageKind::Service => "service",
        }
    }
}

/// What an image starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parent {
    /// Nothing: it is pulled, found or bootstrapped.
    Origin(BaseOrigin),
    /// Another image of the chain.
    Image(ImageIndex),
}

/// The place of an image in its [`Chain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ImageIndex(pub usize);

/// One image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageSpec {
    pub kind: ImageKind,
    /// For people: `environment of site-a`.
    pub title: String,
    pub parent: Parent,
    /// A bash script, run as root; `say` tells what is going on.
    #[serde(skip)]
    pub script: String,
    #[serde(skip)]
    pub files: Vec<FileEntry>,
    /// Unpacked to `/stagectl-build/source`.
    #[serde(skip)]
    pub source: Option<Release>,
    pub network: BuildNetwork,
    /// Digest of all of the above but the parent.
    pub recipe: String,
}

impl ImageSpec {
    /// An image made by a script; `identity` stands for what goes in beside script and files.
    #[must_use]
    pub fn built(kind: ImageKind, title: String, parent: ImageIndex, script: String) -> Self {
        let mut spec = ImageSpec {
            kind,
            title,
            parent: Parent::Image(parent),
            script,
            files: Vec::new(),
            source: None,
            network: BuildNetwork::Bridge,
            recipe: String::new(),
        };
        spec.recipe = spec.digest(&[]);
        spec
    }

    /// A base.
    #[must_use]
    pub fn base(origin: BaseOrigin) -> Self {
        let title = match &origin {
            BaseOrigin::Debian(suite) => format!("Debian {suite}"),
            BaseOrigin::Snapshot { debian, snapshot } => format!("Debian {debian} of {snapshot}"),
            BaseOrigin::Image(reference) => reference.clone(),
            BaseOrigin::Rootfs(path) => path.display().to_string(),
        };
        let recipe = Digest::of("base").with(RECIPE_VERSION).with(&title).key();
        ImageSpec::origin(origin, title, recipe)
    }

    /// A base from an archive, by the SHA-256 of its bytes.
    #[must_use]
    pub fn rootfs(path: &Path, content: &str) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let title = format!("root file system {}", name.unwrap_or_default());
        let recipe = Self::rootfs_recipe(content);
        ImageSpec::origin(BaseOrigin::Rootfs(path.to_owned()), title, recipe)
    }

    /// Whether this is the base that is made of an archive with this SHA-256.
    #[must_use]
    pub fn is_made_of(&self, content: &str) -> bool {
        self.recipe == Self::rootfs_recipe(content)
    }

    fn rootfs_recipe(content: &str) -> String {
        Digest::of("base").with(RECIPE_VERSION).with("rootfs").with(content).key()
    }

    /// The tag under which a base is kept that stagectl makes itself; `None` for one that is only
    /// pulled.
    #[must_use]
    pub fn base_tag(&self) -> Option<String> {
        let Parent::Origin(origin) = &self.parent else { return None };
        let name = match origin {
            BaseOrigin::Debian(suite) => suite.to_string(),
            BaseOrigin::Snapshot { debian, snapshot } => format!("{debian}-{snapshot}"),
            BaseOrigin::Rootfs(_) => "rootfs".to_owned(),
            BaseOrigin::Image(_) => return None,
        };
        Some(self.tag(&format!("{name}-{}", self.recipe)))
    }

    fn origin(origin: BaseOrigin, title: String, recipe: String) -> Self {
        ImageSpec {
            kind: ImageKind::Base,
            title,
            parent: Parent::Origin(origin),
            script: String::new(),
            files: Vec::new(),
            source: None,
            network: BuildNetwork::Bridge,
            recipe,
        }
    }

    /// Adds files; `identity` stands for the content of those that are read later.
    #[must_use]
    pub fn with_files(mut self, files: Vec<FileEntry>, identity: &[&str]) -> Self {
        self.files = files;
        self.recipe = self.digest(identity);
        self
    }

    #[must_use]
    pub fn with_source(mut self, release: &Release) -> Self {
        self.source = Some(release.clone());
        self.recipe = self.digest(&[]);
        self
    }

    #[must_use]
    pub fn offline(mut self) -> Self {
        self.network = BuildNetwork::None;
        self
    }

    /// The key on a parent whose image id is known.
    #[must_use]
    pub fn key(&self, parent_id: &str) -> String {
        Digest::of("image").with(&self.recipe).with(parent_id).key()
    }

    /// The tag under which it is kept.
    #[must_use]
    pub fn tag(&self, key: &str) -> String {
        format!("stagectl/{}:{key}", self.kind.name())
    }

    fn digest(&self, identity: &[&str]) -> String {
        let mut digest =
            Digest::of("recipe").with(RECIPE_VERSION).with(self.kind.name()).with(&self.script);
        for file in &self.files {
            digest.add(&file.path);
            digest.add(format!("{:o} {} {}", file.mode, file.uid, file.gid));
            match &file.content {
                Content::Bytes(bytes) => digest.add(bytes),
                Content::Link(target) => digest.add(target),
                // Its identity says what is in it.
                Content::Folder | Content::HostFile(_) | Content::HostFolder(_) => digest.add(""),
            }
        }
        if let Some(release) = &self.source {
            digest.add(&release.digest);
        }
        for piece in identity {
            digest.add(piece);
        }
        digest.key()
    }
}

/// All images of a replica, parents before children, none twice.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Chain(Vec<ImageSpec>);

impl Chain {
    /// Adds an image, or finds the same one.
    pub fn add(&mut self, spec: ImageSpec) -> ImageIndex {
        let same = |other: &ImageSpec| other.recipe == spec.recipe && other.parent == spec.parent;
        let index = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(spec);
            self.0.len() - 1
        });
        ImageIndex(index)
    }

    /// Returns an image with all that it stands on, and nothing else; and its place there.
    #[must_use]
    pub fn lineage(&self, index: ImageIndex) -> (Chain, ImageIndex) {
        let mut spec = self.get(index).clone();
        let mut chain = match spec.parent {
            Parent::Origin(_) => Chain::default(),
            Parent::Image(parent) => {
                let (chain, parent) = self.lineage(parent);
                spec.parent = Parent::Image(parent);
                chain
            }
        };
        let index = chain.add(spec);
        (chain, index)
    }

    #[must_use]
    pub fn get(&self, index: ImageIndex) -> &ImageSpec {
        &self.0[index.0]
    }

    pub fn iter(&self) -> impl Iterator<Item = (ImageIndex, &ImageSpec)> {
        self.0.iter().enumerate().map(|(index, spec)| (ImageIndex(index), spec))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> ImageSpec {
        ImageSpec::base(BaseOrigin::Debian("bookworm".parse().unwrap()))
    }

    #[test]
    fn the_same_image_is_there_once() {
        let mut chain = Chain::default();
        let parent = chain.add(base());
        let script =
            |text: &str| ImageSpec::built(ImageKind::Packages, "x".into(), parent, text.to_owned());
        assert_eq!(chain.add(base()), parent);
        assert_eq!(chain.add(script("a")), chain.add(script("a")));
        assert_ne!(chain.add(script("a")), chain.add(script("b")));
    }

    #[test]
    fn the_key_follows_script_files_identity_and_parent() {
        let spec = || ImageSpec::built(ImageKind::Suite, "x".into(), ImageIndex(0), "a".into());
        let file = |text: &str| vec![FileEntry::new("/f", 0o644, text.as_bytes())];
        let keys = [
            spec().key("p"),
            spec().key("q"),
            spec().with_files(file("1"), &[]).key("p"),
            spec().with_files(file("2"), &[]).key("p"),
            spec().with_files(file("2"), &["i"]).key("p"),
        ];
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
