//! What the release brings and what the site adds: requirements as an installer gets them.
//!
//! The release's own name is never left to the package index, whose newest version would bring
//! dependencies of its own.

use std::collections::{BTreeSet, HashSet};
use std::env::consts::ARCH;
use std::str::FromStr as _;

use pep440_rs::Version;
use pep508_rs::{
    ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, Requirement, VerbatimUrl, VersionOrUrl,
};

use crate::failure::Failure;
use crate::release::{Form, Release};
use crate::site::{Site, masked, named, nearest, normalised};

/// The requirements of a release on a site.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::replica) struct Requires {
    /// The release's own, with those of its extras.
    pub(in crate::replica) own: Vec<String>,
    /// What the site adds, other distributions alone.
    pub(in crate::replica) extra: Vec<String>,
    /// The release's extras, normalised.
    pub(in crate::replica) extras: BTreeSet<String>,
}

impl Requires {
    /// # Errors
    /// Usage: an extra that the release does not have, another version of it under `install.extra`.
    pub(in crate::replica) fn new(site: &Site, release: &Release) -> Result<Self, Failure> {
        let mut extras: BTreeSet<String> = site.install.extras.iter().cloned().collect();
        let mut extra = Vec::new();
        for entry in &site.install.extra {
            if is_distribution(release) && names(entry, &release.name) {
                extras.extend(own_extras(entry, release)?);
            } else {
                extra.push(entry.clone());
            }
        }
        let unknown = extras.iter().find(|extra| !has_extra(release, extra));
        if let Some(unknown) = unknown.filter(|_| release.requires_dist.is_some()) {
            return Err(no_such_extra(unknown, release));
        }
        let active: HashSet<ExtraName> =
            extras.iter().filter_map(|extra| ExtraName::new(extra.clone()).ok()).collect();
        Ok(Requires { own: own_requires(site, release, active), extra, extras })
    }
}

/// False for a tree that no metadata names: its name is its folder's.
pub(in crate::replica) fn is_distribution(release: &Release) -> bool {
    !matches!(release.form, Form::Tree(_)) || release.requires_dist.is_some()
}

/// Old metadata may say of an extra only what it requires.
fn has_extra(release: &Release, extra: &str) -> bool {
    let brings = |text: &String| {
        let requirement = Requirement::<VerbatimUrl>::from_str(text).ok();
        let extra = ExtraName::new(extra.to_owned()).ok();
        requirement.zip(extra).is_some_and(|(requirement, extra)| {
            requirement.marker.evaluate_extras(&[extra]) && !requirement.marker.evaluate_extras(&[])
        })
    };
    release.extras.iter().any(|known| known == extra)
        || release.requires_dist.iter().flatten().any(brings)
}

fn names(requirement: &str, distribution: &str) -> bool {
    named(requirement).is_some_and(|(name, _)| name == normalised(distribution))
}

/// The extras of an entry that names the release, and nothing else but them.
fn own_extras(entry: &str, release: &Release) -> Result<Vec<String>, Failure> {
    let refuse = |why: String| {
        Failure::usage(format!("`{}` of `install.extra` names the release itself, {why}", masked(entry)))
            .hint("the release is installed from its own file; write its extras as `install.extras: [NAME]`")
    };
    let parsed = Requirement::<VerbatimUrl>::from_str(entry)
        .map_err(|error| refuse(format!("and cannot be read: {}", error.message)))?;
    match &parsed.version_or_url {
        Some(VersionOrUrl::Url(_)) => return Err(refuse("from another address".to_owned())),
        Some(VersionOrUrl::VersionSpecifier(wanted)) => {
            let version = release.version.as_deref().and_then(|text| Version::from_str(text).ok());
            if version.is_some_and(|version| !wanted.contains(&version)) {
                return Err(refuse(format!("which is {release}")));
            }
        }
        None => {}
    }
    Ok(parsed.extras.iter().map(|extra| normalised(extra.as_ref())).collect())
}

fn no_such_extra(unknown: &str, release: &Release) -> Failure {
    let failure = Failure::usage(format!("{release} has no extra `{unknown}`"));
    let known = || release.extras.iter().map(String::as_str);
    match nearest(unknown, known()) {
        Some(name) => failure.hint(format!("did you mean `{name}`?")),
        None if release.extras.is_empty() => {
            failure.hint("it has none: correct `install.extras`, or the release's metadata")
        }
        None => failure.hint(format!("its extras: {}", known().collect::<Vec<_>>().join(", "))),
    }
}

/// What the metadata says for these extras; requirements of the release on itself, as
/// `shop[pdf] ; extra == 'all'`, only bring extras.
fn own_requires(site: &Site, release: &Release, mut active: HashSet<ExtraName>) -> Vec<String> {
    let requires = release.requires_dist.as_deref().unwrap_or_default();
    let parsed: Vec<(&String, Option<Requirement<VerbatimUrl>>)> =
        requires.iter().map(|text| (text, Requirement::from_str(text).ok())).collect();
    let is_own = |requirement: &Requirement<VerbatimUrl>| {
        normalised(requirement.name.as_ref()) == normalised(&release.name)
    };
    let site = environment(site);
    loop {
        let before = active.len();
        for requirement in parsed.iter().filter_map(|(_, it)| it.as_ref()).filter(|it| is_own(it)) {
            let extras: Vec<ExtraName> = active.iter().cloned().collect();
            if requirement.marker.evaluate(&site, &extras) {
                active.extend(requirement.extras.iter().cloned());
            }
        }
        if active.len() == before {
            break;
        }
    }
    let active: Vec<ExtraName> = active.into_iter().collect();
    let text_of = |(text, requirement): (&String, Option<Requirement<VerbatimUrl>>)| {
        let Some(mut requirement) = requirement else { return Some(text.clone()) };
        if is_own(&requirement) {
            return None;
        }
        if active.is_empty() || !text.contains("extra") {
            return Some(text.clone());
        }
        requirement.marker = requirement.marker.simplify_extras(&active);
        Some(requirement.to_string())
    };
    parsed.into_iter().filter_map(text_of).collect()
}

/// What the markers of a site's requirements are evaluated against.
#[must_use]
pub fn marker_environment(site: &Site) -> MarkerEnvironment {
    environment(site)
}

/// A site for markers; the patch release of its Python is not known here.
fn environment(site: &Site) -> MarkerEnvironment {
    let python = site.python.to_string();
    let full = format!("{python}.0");
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: ARCH,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: &python,
        sys_platform: "linux",
    })
    .expect("two numbers and a zero are a version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{SHOP, Stand, wheel};

    fn release() -> Release {
        let requires = [
            "flask>=3",
            "reportlab ; extra == 'pdf'",
            "sentry-sdk[flask]>=2 ; extra == \"errors\" and python_version >= \"3.9\"",
            "Shop[pdf,errors] ; extra == 'all'",
            "shop[old] ; extra == 'all' and python_version < '3.8'",
            "six ; extra == 'old'",
        ];
        Release {
            requires_dist: Some(requires.map(str::to_owned).into()),
            extras: ["pdf", "errors", "all", "old"].map(str::to_owned).into(),
            ..wheel("1.0")
        }
    }

    fn requires(install: &str) -> Result<Requires, Failure> {
        let text = SHOP.replace("install: {", &format!("install: {{{install}, "));
        assert_ne!(text, SHOP);
        Requires::new(Stand::new(&[("site", &text)]).site(), &release())
    }

    /// What is really installed of them.
    fn told(install: &str) -> String {
        let requires = requires(install).unwrap();
        let own = requires.own.iter().filter(|text| !text.contains("extra =="));
        format!("{} | {}", own.cloned().collect::<Vec<_>>().join(", "), requires.extra.join(", "))
    }

    #[test]
    fn extras_bring_what_the_release_s_own_metadata_says() {
        let table = [
            ("extras: []", "flask>=3 | "),
            ("extras: [PDF]", "flask>=3, reportlab | "),
            (
                "extras: [all]",
                "flask>=3, reportlab, sentry-sdk[flask]>=2 ; python_full_version >= '3.9' | ",
            ),
            ("extra: ['Shop[pdf]', x==1]", "flask>=3, reportlab | x==1"),
            (
                "extras: [errors], extra: ['shop[pdf]==1.0']",
                "flask>=3, reportlab, sentry-sdk[flask]>=2 ; python_full_version >= '3.9' | ",
            ),
            ("extra: [shop]", "flask>=3 | "),
        ];
        for (install, expected) in table {
            assert_eq!(told(install), expected, "{install}");
        }
    }

    #[test]
    fn what_cannot_be_the_release_is_refused_with_the_way_to_write_it() {
        let message = |install: &str| {
            let failure = requires(install).unwrap_err();
            format!("{} ({})", failure.message, failure.hints.join("; "))
        };
        insta::assert_snapshot!(message("extra: ['shop[pdf]>=1.1']"), @"`shop[pdf]>=1.1` of `install.extra` names the release itself, which is shop 1.0 (the release is installed from its own file; write its extras as `install.extras: [NAME]`)");
        insta::assert_snapshot!(message("extra: ['shop @ https://x.example/shop.whl']"), @"`shop @ https://x.example/shop.whl` of `install.extra` names the release itself, from another address (the release is installed from its own file; write its extras as `install.extras: [NAME]`)");
        insta::assert_snapshot!(message("extras: [pfd]"), @"shop 1.0 has no extra `pfd` (did you mean `pdf`?)");
        insta::assert_snapshot!(message("extra: ['shop[other]']"), @"shop 1.0 has no extra `other` (its extras: pdf, errors, all, old)");
    }

    #[test]
    fn a_tree_s_folder_may_be_called_as_a_distribution_is() {
        let text = SHOP.replace("install: {", "install: {extra: [shop==9], ");
        let stand = Stand::new(&[("site", &text)]);
        let tree = Release {
            form: Form::Tree(crate::release::Packing::Folder),
            requires_dist: None,
            ..wheel("1.0")
        };
        assert_eq!(Requires::new(stand.site(), &tree).unwrap().extra, ["shop==9"]);
    }
}
