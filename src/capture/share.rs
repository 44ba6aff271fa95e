//! What several sites have in common, taken out of their descriptions into the one that all of them share.

use std::collections::BTreeSet;

use serde_json::Value;

use super::description::{Description, Key};

/// The folder of files that all sites share, beside those of the sites.
pub const SHARED: &str = "defaults";
/// What is a site's own, even where two have the same.
const OWN: [&str; 8] =
    ["summary", "order", "names", "tls", "capture", "intended", "host.hostname", "host.hosts"];
/// Maps of which a member goes as a whole: half of a service or of a process says nothing.
const WHOLE: [&str; 3] = ["services", "processes", "timers"];

/// Moves the keys, files and remarks that all of the descriptions have, each with its value, into one of its own. Files of the
/// same bytes go to one folder, and the keys of the sites name them there.
///
/// Of a single site nothing is shared.
#[must_use]
pub fn share(sites: &mut [(String, Description)]) -> Description {
    let mut shared = Description::default();
    if sites.len() < 2 {
        return shared;
    }
    share_files(sites, &mut shared);
    let Some(((_, first), others)) = sites.split_first() else { return shared };
    let is_same = |key: &Key| {
        let has = |other: &Description| {
            other.keys.iter().any(|own| own.path == key.path && own.value == key.value)
        };
        others.iter().all(|(_, other)| has(other))
    };
    let is_whole = |key: &Key| {
        let members: Vec<Vec<&Key>> = std::iter::once(first)
            .chain(others.iter().map(|(_, other)| other))
            .map(|site| site.keys.iter().filter(|other| is_of_member(other, key)).collect())
            .collect();
        members.iter().all(|member| member.len() == members[0].len())
            && members[0].iter().all(|key| is_same(key))
    };
    shared.keys = first
        .keys
        .iter()
        .filter(|key| {
            !is_own(key)
                && !key.value.is_null()
                && is_same(key)
                && (!is_of_whole(key) || is_whole(key))
        })
        .cloned()
        .collect();
    shared.todos = first
        .todos
        .iter()
        .filter(|todo| others.iter().all(|(_, other)| other.todos.contains(todo)))
        .cloned()
        .collect();
    let taken: BTreeSet<&Vec<String>> = shared.keys.iter().map(|key| &key.path).collect();
    for (_, site) in sites {
        site.keys.retain(|key| !taken.contains(&key.path));
        site.todos.retain(|todo| !shared.todos.contains(todo));
    }
    shared
}

/// Whether a key is of the same service, process or timer as another.
fn is_of_member(one: &Key, other: &Key) -> bool {
    one.path.iter().take(2).eq(other.path.iter().take(2))
}

fn is_of_whole(key: &Key) -> bool {
    key.path.first().is_some_and(|first| WHOLE.contains(&first.as_str()))
}

fn is_own(key: &Key) -> bool {
    let path = key.path.join(".");
    OWN.iter()
        .any(|own| path == *own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('.')))
}

/// Files that all sites have with the same bytes, and how the sites name them.
fn share_files(sites: &mut [(String, Description)], shared: &mut Description) {
    let Some(((_, first), others)) = sites.split_first() else { return };
    // Keys of package sources are compared with the host by their names.
    let files = first.files.iter().filter(|file| !file.path.starts_with("apt-"));
    shared.files = files
        .filter(|file| others.iter().all(|(_, other)| other.files.contains(file)))
        .cloned()
        .collect();
    for (site, description) in sites {
        description.files.retain(|file| !shared.files.contains(file));
        for file in &shared.files {
            let (old, new) = (format!("{site}/{}", file.path), format!("{SHARED}/{}", file.path));
            description.keys.iter_mut().for_each(|key| rename(&mut key.value, &old, &new));
            for todo in &mut description.todos {
                todo.text = todo.text.replace(&old, &new);
            }
        }
    }
}

/// A text that is the old name, wherever it stands in a value.
fn rename(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => new.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, old, new)),
        Value::Object(map) => map.values_mut().for_each(|item| rename(item, old, new)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn site(name: &str, theme: &str, kind: &str) -> (String, Description) {
        let mut description = Description::default();
        description.set("base.debian", "bookworm", "os-release");
        description.set("names", json!(["www.shop.example"]), "nginx");
        description.set("install.requirements", format!("{name}/requirements.lock"), "23");
        description.set_at(&["env", "THEME"], theme, "");
        description.set_at(&["env", "MODE"], "live", "");
        description.set_at(&["services", "db", kind], "15", "");
        description.set_at(&["services", "db", "user"], "shop", "");
        description.set_at(&["services", "cache", "redis"], "7", "");
        description.set(
            "files",
            json!([{"path": "/etc/x", "source": format!("{name}/etc-x")}]),
            "",
        );
        description.add_file("requirements.lock", "flask==3.1.0\n");
        description.add_file("etc-x", theme);
        description.todo("deploy", "steps");
        description.todo("files", format!("{name}/etc-x: HIDDEN"));
        (name.to_owned(), description)
    }

    #[test]
    fn what_all_have_is_shared_and_what_is_of_one_stays() {
        let mut sites = [site("a", "paper", "postgres"), site("b", "night", "mariadb")];
        let shared = share(&mut sites);
        assert_eq!(
            shared.tree(),
            json!({"base": {"debian": "bookworm"}, "env": {"MODE": "live"},
                "install": {"requirements": "defaults/requirements.lock"}, "services": {"cache": {"redis": "7"}}})
        );
        assert_eq!(
            sites[1].1.tree(),
            json!({"names": ["www.shop.example"], "env": {"THEME": "night"},
                "files": [{"path": "/etc/x", "source": "b/etc-x"}], "services": {"db": {"mariadb": "15", "user": "shop"}}})
        );
        let paths = |description: &Description| {
            description.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (paths(&shared), paths(&sites[0].1)),
            (vec!["requirements.lock".to_owned()], vec!["etc-x".to_owned()])
        );
        assert_eq!((shared.todos.len(), sites[0].1.todos.len()), (1, 1));
    }

    #[test]
    fn of_one_site_nothing_is_shared() {
        let mut sites = [site("a", "paper", "postgres")];
        assert_eq!(share(&mut sites), Description::default());
    }
}
