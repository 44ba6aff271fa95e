//! What an environment is like, key by key, without what says whose it is.

use std::collections::BTreeMap;

use super::crossing::replaced_names;
use super::difference::{as_text, values};
use super::model::Site;

/// Keys that say whose an environment is.
const OF_IDENTITY: [&str; 3] = ["secrets", "project", "release"];

/// What a site has at each key path, as text; files by what they hold. Its own host and domain are written as
/// `${site.host}` and `${site.domain}`, so that sites which differ in nothing but their names have the same traits.
#[must_use]
pub fn traits(site: &Site) -> BTreeMap<String, String> {
    let own = values(site).into_iter().filter(|(key, _)| {
        let first = key.split('.').next().unwrap_or_default();
        !OF_IDENTITY.contains(&first)
    });
    own.map(|(key, value)| (replaced_names(&key, site), replaced_names(&as_text(&value), site)))
        .collect()
}

/// Whether a key path is another one, or below it.
#[must_use]
pub fn is_within(key: &str, above: &str) -> bool {
    key.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::fixture::TestProject;

    #[test]
    fn names_and_secrets_make_no_trait() {
        let site = |name: &str| {
            format!(
                "base: {{debian: bookworm}}\ncritical: {{path: ../tests}}\n\
                 wsgi: {{server: gunicorn, application: 'shop.wsgi:application'}}\n\
                 summary: {name}\nnames: [www.{name}.example, {name}.example]\n\
                 env: {{HOST: 'https://www.{name}.example/', KEY: '${{secret.key}}'}}\n\
                 secrets: {{key: {{generate: 24}}}}\noutside: {{api.{name}.example: allow}}\n"
            )
        };
        let project = TestProject::new().site("one", &site("one")).site("two", &site("two"));
        let project = project.load().unwrap();
        let [one, two] = &project.sites[..] else { panic!("two sites") };
        assert_eq!(traits(one), traits(two));
        assert_eq!(traits(one)["env.HOST"], "https://${site.host}/");
        assert_eq!(traits(one)["names"], "[${site.host}, ${site.domain}]");
        assert_eq!(traits(one)["base.debian"], "bookworm");
    }

    #[test]
    fn a_key_is_within_itself_and_what_stands_above_it() {
        for above in ["env", "env.THEME"] {
            assert!(is_within("env.THEME", above));
        }
        for other in ["env.THE", "env.THEME.x", "en", ""] {
            assert!(!is_within("env.THEME", other), "{other}");
        }
    }
}
