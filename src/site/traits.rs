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

#[cfg(test)]
mod tests {
    use super::super::project::Project;
    use super::*;

    #[test]
    fn names_and_secrets_make_no_trait() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "environments/defaults.yaml",
            "base: {debian: bookworm}\nwsgi: {server: gunicorn, application: 'shop.wsgi:application'}\n\
             critical: {path: ../tests}\n",
        );
        write("tests/test_shop.py", "");
        for name in ["one", "two"] {
            let text = format!(
                "summary: {name}\nnames: [www.{name}.example, {name}.example]\n\
                 env: {{HOST: 'https://www.{name}.example/', KEY: '${{secret.key}}'}}\n\
                 secrets: {{key: {{generate: 24}}}}\noutside: {{api.{name}.example: allow}}\n"
            );
            write(&format!("environments/{name}.yaml"), &text);
        }
        let project = Project::load(folder.path(), |_| None).unwrap();
        let [one, two] = &project.sites[..] else { panic!("two sites") };
        assert_eq!(traits(one), traits(two));
        assert_eq!(traits(one)["env.HOST"], "https://${site.host}/");
        assert_eq!(traits(one)["names"], "[${site.host}, ${site.domain}]");
        assert_eq!(traits(one)["base.debian"], "bookworm");
    }
}
