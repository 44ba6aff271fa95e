//! What was really installed at the two ends: which distributions differ, and a requirements file that has some of
//! them as the one end had them and the others as the other did.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::digest::Digest;
use crate::failure::Failure;
use crate::site::{Date, Difference, Lock, Site, named, normalised};
use crate::state;

/// What the key of a distribution begins with, as in `stagectl diff --built`.
pub(super) const KEY: &str = "installed.";
/// The folder of the requirements files below ours.
const FOLDER: &str = "why";

/// The versions of distributions by their names, normalised.
type Versions = BTreeMap<String, String>;

/// The distributions of a green and a red replica of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Distributions {
    green: Versions,
    red: Versions,
    /// The later of the days of the two indexes, where both have one.
    as_of: Option<Date>,
}

impl Distributions {
    /// Of lines as `name==version`. The release, by its name, is none of them.
    pub(super) fn of(
        green: &[String],
        red: &[String],
        (release, as_of): (&str, Option<Date>),
    ) -> Distributions {
        let versions = |lines: &[String]| -> Versions {
            let version = |line: &String| {
                let (name, version) = line.split_once("==")?;
                Some((normalised(name), version.to_owned()))
            };
            let own = normalised(release);
            lines.iter().filter_map(version).filter(|(name, _)| *name != own).collect()
        };
        Distributions { green: versions(green), red: versions(red), as_of }
    }

    /// Those that differ, in the order of their names: `one` is what the red end has.
    pub(super) fn differences(&self) -> Vec<Difference> {
        let names: BTreeSet<&String> = self.green.keys().chain(self.red.keys()).collect();
        let sides = names.into_iter().map(|name| (name, self.red.get(name), self.green.get(name)));
        let difference = |(name, red, green): (&String, Option<&String>, Option<&String>)| {
            Difference { key: format!("{KEY}{name}"), one: red.cloned(), two: green.cloned() }
        };
        sides.filter(|(_, red, green)| red != green).map(difference).collect()
    }

    /// Has a site install what the green end had, with these of the red one: nothing is left to the index to decide.
    ///
    /// # Errors
    /// Infrastructure: the requirements file cannot be written.
    pub(super) fn pin(
        &self,
        site: &mut Site,
        root: &Path,
        is_red: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let names: BTreeSet<&String> = self.green.keys().chain(self.red.keys()).collect();
        let line = |name: &String| {
            let side = if is_red(name) { &self.red } else { &self.green };
            side.get(name).map(|version| format!("{name}=={version}\n"))
        };
        let text: String = names.into_iter().filter_map(line).collect();
        let folder = state::folder_below(root, Path::new(FOLDER))?;
        let file = folder.join(format!("{}.txt", Digest::of("pins").with(&text).key()));
        fs::write(&file, &text).map_err(|error| {
            Failure::infrastructure(format!("could not write {}", file.display())).because(&error)
        })?;
        let install = &mut site.install;
        install.requirements = Some(Lock::Project(file));
        (install.constraints, install.included, install.as_of) = (None, Vec::new(), self.as_of);
        // What has an address of its own has no version at an index.
        install.extra.retain(|requirement| requirement.contains('@'));
        Ok(())
    }

    /// The `--set` that gives a site the versions of the green end, where the site says its requirements in the
    /// description.
    pub(super) fn setting(site: &Site, differences: &[&Difference]) -> Option<String> {
        if site.install.requirements.is_some() {
            return None;
        }
        let pins = differences.iter().filter_map(|difference| {
            let name = difference.key.strip_prefix(KEY)?;
            Some(format!("{name}=={}", difference.two.as_ref()?))
        });
        let pins: Vec<String> = pins.collect();
        let names: Vec<String> =
            pins.iter().filter_map(|pin| named(pin)).map(|(name, _)| name).collect();
        let is_other =
            |extra: &&String| named(extra).is_none_or(|(name, _)| !names.contains(&name));
        let all = site.install.extra.iter().filter(is_other).chain(&pins);
        let all: Vec<String> = all.map(|one| format!("{one:?}")).collect();
        (!pins.is_empty()).then(|| format!("install.extra=[{}]", all.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{SHOP, Stand};

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn distributions() -> Distributions {
        let green = lines("Flask==2.2.2 Werkzeug==2.3.7 chardet==4.0 Shop==1.0");
        let red = lines("Flask==2.2.2 werkzeug==3.0.1 charset_normalizer==3.3 Shop==1.1");
        Distributions::of(&green, &red, ("shop", None))
    }

    #[test]
    fn they_differ_in_versions_and_in_what_one_of_them_has_but_not_in_the_release() {
        let listed =
            distributions().differences().into_iter().map(|Difference { key, one, two }| {
                let side = |side: Option<String>| side.unwrap_or("-".to_owned());
                format!("{key} {} {}", side(one), side(two))
            });
        let listed: Vec<String> = listed.collect();
        assert_eq!(
            listed,
            [
                "installed.chardet - 4.0",
                "installed.charset-normalizer 3.3 -",
                "installed.werkzeug 3.0.1 2.3.7"
            ]
        );
    }

    #[test]
    fn all_of_it_is_pinned_and_nothing_else_decides() {
        let text = SHOP.replace("as_of: 2026-02-18", "as_of: 2026-02-18, extra: [gunicorn]");
        let stand = Stand::new(&[("site", &text)]);
        let mut site = stand.site().clone();
        distributions().pin(&mut site, &stand.root(), |name| name == "werkzeug").unwrap();
        let Some(Lock::Project(file)) = &site.install.requirements else { panic!("{site:?}") };
        assert_eq!(
            fs::read_to_string(file).unwrap(),
            "chardet==4.0\nflask==2.2.2\nwerkzeug==3.0.1\n"
        );
        assert_eq!((site.install.as_of, site.install.extra.len()), (None, 0));
    }

    #[test]
    fn the_green_version_is_one_requirement_more_of_the_site() {
        let differences = distributions().differences();
        let all: Vec<&Difference> = differences.iter().collect();
        let setting = |install: &str| {
            let text = SHOP.replace("install: {", &format!("install: {{{install}, "));
            Distributions::setting(Stand::new(&[("site", &text)]).site(), &all)
        };
        assert_eq!(
            setting("extra: [gunicorn, Werkzeug]").unwrap(),
            r#"install.extra=["gunicorn", "chardet==4.0", "werkzeug==2.3.7"]"#
        );
        assert_eq!(setting("requirements: release:requirements.txt"), None);
    }
}
