//! `base`, `python`, `install`, `user`, `data`, `resources`.

use super::pins::Written;
use super::value::{Complaint, Judged};
use super::{Resolver, Wanted, amount, value};
use crate::site::debian::{not_debian, python_suite, suite_meant, suite_names, suite_python};
use crate::site::file::{BaseFile, InstallFile, ResourcesFile};
use crate::site::kind::BASE_ORIGINS;
use crate::site::model::{Base, BaseOrigin, Install, Lock, Pins, Resources};
use crate::site::problem::{KeyPath, suggestion};
use crate::site::value::{DebianSuite, PythonVersion};

/// Docker gives a container no less.
const LEAST_MEMORY: u64 = 6 << 20;

impl Resolver<'_> {
    pub(super) fn base(&mut self, file: &BaseFile) -> Option<Base> {
        let path = KeyPath::from(["base"]);
        let origin = self.origin(&path, file);
        let sources = self.sources(&path.key("sources"), &file.sources);
        let packages = self.packages(&path.key("packages"), &file.packages);
        let locale = self.take(&path.key("locale"), value::locale(&file.locale));
        let timezone = self.take(&path.key("timezone"), value::timezone(&file.timezone));
        Some(Base {
            origin: origin?,
            sources: sources?,
            packages: packages?,
            locale: locale?,
            timezone: timezone?,
        })
    }

    fn origin(&mut self, path: &KeyPath, file: &BaseFile) -> Option<BaseOrigin> {
        let is_there = |key: &&str| self.tree.find(&path.key(*key)).is_some();
        let keys: Vec<&str> = BASE_ORIGINS.iter().map(|(key, _)| *key).filter(is_there).collect();
        let there: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        if there.len() > 1 {
            let how = if there.len() == 2 { "both" } else { "all" };
            let complaint = Complaint::new(format!("{} are {how} there", there.join(" and ")));
            self.complain_where(path, &keys, complaint.hint("a site has one base"));
            return None;
        }
        let snapshot =
            self.take_some(&path.key("snapshot"), file.snapshot.as_deref(), amount::date)?;
        if snapshot.is_some() && file.debian.is_none() && !there.is_empty() {
            let complaint = Complaint::new(format!("{} is as it is on every day", there[0]));
            self.complain_of_key(
                &path.key("snapshot"),
                complaint.hint("a snapshot goes with `debian`; leave it out"),
            );
            return None;
        }
        if let Some(suite) = &file.debian {
            let debian = self.take(&path.key("debian"), known_suite(suite))?;
            return Some(match snapshot {
                Some(snapshot) => BaseOrigin::Snapshot { debian, snapshot },
                None => BaseOrigin::Debian(debian),
            });
        }
        if let Some(image) = &file.image {
            return self.take(&path.key("image"), image_reference(image)).map(BaseOrigin::Image);
        }
        if let Some(archive) = &file.rootfs {
            let found = archive_name(archive)
                .and_then(|()| self.folders.find(archive, Wanted::File))
                .map(BaseOrigin::Rootfs);
            return self.take(&path.key("rootfs"), found);
        }
        if !self.had(path) {
            let complaint = Complaint::new("none of `debian`, `image` and `rootfs` is there");
            self.complain(path, complaint.hint("such as `debian: bookworm`"));
        }
        None
    }

    pub(super) fn python(
        &mut self,
        written: Option<&str>,
        base: Option<&BaseFile>,
    ) -> Option<PythonVersion> {
        let path = KeyPath::from(["python"]);
        let suite = base
            .and_then(|base| base.debian.as_deref())
            .and_then(|suite| suite.parse::<DebianSuite>().ok());
        let own = suite.as_ref().and_then(suite_python);
        let Some(written) = written else {
            let base = base.filter(|base| base.debian.is_none());
            let what = base.and_then(|base| match (&base.image, &base.rootfs) {
                (Some(_), _) => Some("image"),
                (None, Some(_)) => Some("root file system"),
                (None, None) => None,
            });
            if let Some(what) = what
                && !self.tree.is_spoiled(&KeyPath::default(), "python")
            {
                let complaint =
                    Complaint::new(format!("the Python of the {what} is not described"));
                self.complain(&path, complaint.hint("such as `python: \"3.11\"`"));
            }
            return own;
        };
        let python: PythonVersion = self.take(&path, value::parsed(written))?;
        if let (Some(suite), Some(own)) = (suite, own)
            && own != python
        {
            let other = python_suite(python)
                .map(|suite| format!(", or start from {suite}, which has {python}"))
                .unwrap_or_default();
            let complaint = Complaint::new(format!("{suite} has Python {own}, not {python}"));
            self.complain(&path, complaint.hint(format!("write \"{own}\"{other}")));
            return None;
        }
        Some(python)
    }

    pub(super) fn install(&mut self, file: &InstallFile) -> Option<Install> {
        let path = KeyPath::from(["install"]);
        let written = Written {
            requirements: file.requirements.as_deref(),
            constraints: file.constraints.as_deref(),
            as_of: file.as_of.as_deref(),
        };
        let pins = self.pins(&path, written, (file.with, &file.extras));
        let extras = self.take_all(&path.key("extras"), &file.extras, value::extra);
        let extra = self.take_all(&path.key("extra"), &file.extra, value::requirement);
        let build_packages = self.packages(&path.key("build_packages"), &file.build_packages);
        let index = self.take_some(&path.key("index"), file.index.as_deref(), value::index_url);
        let extra_indexes =
            self.take_all(&path.key("extra_indexes"), &file.extra_indexes, value::index_url);
        let wheels = self.take_path(&path.key("wheels"), file.wheels.as_deref(), Wanted::Folder);
        let Pins { requirements, constraints, included, as_of } = pins?;
        Some(Install {
            requirements,
            constraints,
            included,
            with: file.with,
            as_of,
            extras: extras?,
            extra: extra?,
            build_packages: build_packages?,
            index: index?,
            extra_indexes: extra_indexes?,
            wheels: wheels?,
            owner: file.owner,
        })
    }

    /// The file of requirements that an `install` names: of the project, or of the release.
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    pub(super) fn lock(&mut self, path: &KeyPath, written: Option<&str>) -> Option<Option<Lock>> {
        let folders = self.folders;
        let lock = |text: &str| -> Judged<Lock> {
            if text.split('/').any(|part| part == "..")
                || text.starts_with('/')
                || folders.has(text)
            {
                return folders.find(text, Wanted::File).map(Lock::Project);
            }
            value::path_below(text).map(Lock::Release)
        };
        self.take_some(&path.key("requirements"), written, lock)
    }

    pub(super) fn logs(&mut self, written: &[String]) -> Option<Vec<String>> {
        let path = KeyPath::from(["logs"]);
        self.no_twins(&path, written);
        self.take_all(&path, written, value::log_pattern)
    }

    pub(super) fn resources(&mut self, file: &ResourcesFile) -> Option<Resources> {
        let path = KeyPath::from(["resources", "memory"]);
        let memory = self.take(&path, amount::size_of_at_least(&file.memory, LEAST_MEMORY));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the schema bounds it"
        )]
        let milli_cpus = (file.cpus * 1000.0).round() as u32;
        Some(Resources { memory: memory?, milli_cpus, pids: file.pids })
    }
}

fn known_suite(text: &str) -> Judged<DebianSuite> {
    if suite_names().any(|name| name == text) {
        return value::parsed(text);
    }
    // Not the suites alone: a person may mean one by its number, or another distribution.
    if let Some(why) = not_debian(text) {
        return Err(Complaint::new(why));
    }
    let complaint = Complaint::new(format!("`{text}` is no Debian suite that stagectl knows"));
    if let Ok(suite) = suite_meant(text) {
        return Err(complaint.hint(format!("write its name: {}", suite.as_str())));
    }
    Err(match suggestion(text, suite_names(), "the suites it knows") {
        Some(hint) => complaint.hint(hint),
        None => complaint,
    })
}

/// The name of an archive says how it is packed.
fn archive_name(text: &str) -> Judged<()> {
    const KNOWN: [&str; 9] =
        [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"];
    if KNOWN.iter().any(|end| text.ends_with(end)) {
        return Ok(());
    }
    Err(Complaint::new(format!("`{text}` is not the name of an archive"))
        .hint("make one with `tar`: .tar, .tar.gz, .tar.bz2, .tar.xz or .tar.zst"))
}

/// A reference as Docker writes it; what it leads to is found out later.
fn image_reference(text: &str) -> Judged<String> {
    let is_shaped = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/:@+".contains(&b));
    if is_shaped {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not the name of an image"))
        .hint("such as registry.example/base@sha256:0123..."))
}
