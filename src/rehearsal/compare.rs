//! Which passing site is nearest to a failing one, and where the two differ.

use std::path::Path;

use crate::replica::Secrets;
use crate::site::{Difference, Site, Suspect, differences};

/// The passing site with the fewest different keys, and where it differs.
pub(super) fn nearest<'a>(
    failing: &Site,
    passing: impl Iterator<Item = &'a Site>,
) -> Option<(&'a Site, Vec<Difference>)> {
    let found = passing.map(|site| (site, differences(failing, site)));
    found.min_by_key(|(_, differences)| differences.len())
}

/// A suspect as reports may hold it, which leave this machine: without secrets, and without what a file of
/// variables says.
pub(super) fn redact<'a>(
    suspect: Suspect,
    [one, two]: [&Site; 2],
    root: &Path,
    secrets: impl Iterator<Item = &'a Secrets>,
) -> Suspect {
    let secrets: Vec<&Secrets> = secrets.collect();
    let redact = |text: String| secrets.iter().fold(text, |text, secrets| secrets.redact(&text));
    let mut redacted = suspect.difference.within(root);
    let variable = redacted.key.strip_prefix("env.").map(str::to_owned);
    for (side, site) in [(&mut redacted.one, one), (&mut redacted.two, two)] {
        let Some(value) = side else { continue };
        let filed = variable.as_ref().is_some_and(|name| site.filed.contains(name));
        *value = if filed { "(from env_file)".to_owned() } else { redact(std::mem::take(value)) };
    }
    Suspect { difference: redacted, why: suspect.why.map(redact) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{DESK, SHOP, Stand};

    #[test]
    fn a_report_tells_no_secret_and_nothing_of_a_file_of_variables() {
        let stand = Stand::new(&[("shop", SHOP), ("desk", DESK)]);
        let [desk, shop] = &stand.project.sites[..] else { panic!("two sites") };
        let mut shop = shop.clone();
        shop.filed.insert("TOKEN".to_owned());
        let value = |key: &str, value: &str| {
            let difference =
                Difference { key: key.to_owned(), one: Some(value.to_owned()), two: None };
            let secrets = Secrets::from_json(br#"{"db": "hunter22"}"#).unwrap();
            let suspect = Suspect { difference, why: None };
            let redacted = redact(suspect, [&shop, desk], &stand.root(), std::iter::once(&secrets));
            redacted.difference.one.unwrap()
        };
        assert_eq!(value("env.TOKEN", "of the file"), "(from env_file)");
        assert_eq!(value("env.THEME", "a hunter22"), "a [secret db]");
        let path = stand.root().join("critical").display().to_string();
        assert_eq!(value("critical.path", &path), "critical");
    }
}
