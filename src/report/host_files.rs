//! The files of a site's host: kept beside the report, and held against those of another site.

use std::collections::{BTreeMap, BTreeSet};

use std::path::Path;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use super::files::put;
use crate::bounded;
use crate::event::{Event, HostFile, HostFileKind, HostFiles, What};
use crate::failure::Failure;
use crate::site::{Difference, SiteName};

/// The file in the folder of each site of a run.
const NAME: &str = "files.json";
const SCHEMA: &str = "stagectl-files/1";
/// The most bytes of it that are read.
const LARGEST: u64 = 64 << 20;
/// What keys of differences of files begin with.
const KEY: &str = "files.";
/// More rows than these of one folder are shown as one.
const LARGEST_FAMILY: usize = 12;
/// Digits of a digest that are shown.
const SHOWN_DIGITS: usize = 8;

/// `files.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    schema: String,
    files: HostFiles,
}

/// Writes `files.json` of each site that was served.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub(super) fn write_host_files(folder: &Path, events: &[Event]) -> Result<(), Failure> {
    let seen: BTreeMap<&SiteName, &HostFiles> = events
        .iter()
        .filter_map(|event| match (&event.site, &event.what) {
            (Some(site), What::FilesSeen { files }) => Some((site, files)),
            _ => None,
        })
        .collect();
    for (site, files) in seen {
        let listed = Listed { schema: SCHEMA.to_owned(), files: files.clone() };
        let json = serde_json::to_string_pretty(&listed)
            .map_err(|error| Failure::bug("could not write the files as JSON").because(&error))?;
        put(&folder.join(site.as_str()).join(NAME), format!("{json}\n").as_bytes())?;
    }
    Ok(())
}

/// What a run listed of a site; `None` when it listed nothing, or in another way.
pub(super) fn read_host_files(run: &Path, site: &SiteName) -> Option<HostFiles> {
    let text = bounded::read(&run.join(site.as_str()).join(NAME), LARGEST).ok()?;
    let listed: Listed = serde_json::from_slice(&text).ok()?;
    (listed.schema == SCHEMA).then_some(listed.files)
}

/// Where two hosts differ, in the order of the paths. A folder that only one of them has is one
/// difference.
pub(super) fn file_differences(one: &HostFiles, two: &HostFiles) -> Vec<Difference> {
    let paths: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    let mut found = Vec::new();
    for path in paths {
        let (one_side, two_side) = match (one.get(path), two.get(path)) {
            (Some(one), Some(two)) => match differing(one, two) {
                Some((one, two)) => (Some(one), Some(two)),
                None => continue,
            },
            // Shown with the folder that it is in.
            (Some(_), None) if is_below_a_missing_folder(path, one, two) => continue,
            (None, Some(_)) if is_below_a_missing_folder(path, two, one) => continue,
            (one_file, two_file) => (
                one_file.map(|file| describe_lone_file(path, file, one)),
                two_file.map(|file| describe_lone_file(path, file, two)),
            ),
        };
        found.push(Difference { key: format!("{KEY}{path}"), one: one_side, two: two_side });
    }
    found
}

/// Whether the folder of a path is listed on its own side, and on the other nothing is.
fn is_below_a_missing_folder(path: &str, own: &HostFiles, other: &HostFiles) -> bool {
    let folder = parent(path);
    let is_folder = |file: &HostFile| file.kind == HostFileKind::Folder;
    own.contains_key(folder) && !other.get(folder).is_some_and(is_folder)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file that the other side lacks.
fn describe_lone_file(path: &str, file: &HostFile, side: &HostFiles) -> String {
    match file.kind {
        HostFileKind::Link => format!("link to {}", file.to.as_deref().unwrap_or("nowhere")),
        HostFileKind::Folder => {
            let below = format!("{path}/");
            let inside =
                side.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below));
            match inside.filter(|(_, file)| file.kind != HostFileKind::Folder).count() {
                0 => "empty folder".to_owned(),
                1 => "folder of 1 file".to_owned(),
                count => format!("folder of {count} files"),
            }
        }
        HostFileKind::File | HostFileKind::Other => {
            let mut words = vec![file.mode.clone().unwrap_or_default(), file.owner.clone()];
            words.push(match (file.kind, &file.holds, file.size) {
                (HostFileKind::Other, _, _) => "no file".to_owned(),
                (_, Some(what), _) => format!("holds {what}"),
                (_, None, Some(size)) => bytes(size),
                (_, None, None) => String::new(),
            });
            words.join(" ").trim_end().to_owned()
        }
    }
}

fn bytes(size: u64) -> String {
    ByteSize(size).display().iec().to_string()
}

/// What of a file is not the same, on either side; `None` when all that is known is.
fn differing(one: &HostFile, two: &HostFile) -> Option<(String, String)> {
    if one.kind != two.kind {
        return Some((kind_of(one), kind_of(two)));
    }
    if one.to != two.to {
        return Some((kind_of(one), kind_of(two)));
    }
    let mut sides = (Vec::new(), Vec::new());
    let mut add_sides = |one: String, two: String| {
        sides.0.push(one);
        sides.1.push(two);
    };
    let mode = |file: &HostFile| format!("mode {}", file.mode.as_deref().unwrap_or("unknown"));
    if one.mode != two.mode {
        add_sides(mode(one), mode(two));
    }
    if one.owner != two.owner {
        add_sides(format!("owner {}", one.owner), format!("owner {}", two.owner));
    }
    let is_known = |file: &HostFile| file.holds.is_some() || file.size.is_some();
    let has_other_content =
        (&one.holds, one.size, &one.sha256) != (&two.holds, two.size, &two.sha256);
    if is_known(one) && is_known(two) && has_other_content {
        add_sides(content_of(one), content_of(two));
    }
    let (one, two) = (sides.0.join(", "), sides.1.join(", "));
    (!one.is_empty()).then_some((one, two))
}

fn kind_of(file: &HostFile) -> String {
    match file.kind {
        HostFileKind::File => "file".to_owned(),
        HostFileKind::Folder => "folder".to_owned(),
        HostFileKind::Link => format!("link to {}", file.to.as_deref().unwrap_or("nowhere")),
        HostFileKind::Other => "no file".to_owned(),
    }
}

fn content_of(file: &HostFile) -> String {
    if let Some(what) = &file.holds {
        return format!("holds {what}");
    }
    let size = bytes(file.size.unwrap_or_default());
    match &file.sha256 {
        Some(digest) => {
            let digits: String = digest.chars().take(SHOWN_DIGITS).collect();
            format!("content {digits}, {size}")
        }
        None => size,
    }
}

/// For a person: where many files of one folder differ, one row says how many. The folders that
/// everything is in, such as `/etc`, are never shown as one.
#[must_use]
pub fn folded(differences: Vec<Difference>) -> Vec<Difference> {
    let mut families: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for other in &differences {
        let Some(folder) = family(other) else { continue };
        let (both, one, two) = families.entry(folder.to_owned()).or_default();
        match (&other.one, &other.two) {
            (Some(_), None) => *one += 1,
            (None, Some(_)) => *two += 1,
            _ => *both += 1,
        }
    }
    families.retain(|_, (both, one, two)| *both + *one + *two > LARGEST_FAMILY);
    let mut folders = BTreeSet::new();
    let mut rows = Vec::new();
    for other in differences {
        let Some((folder, (both, one, two))) =
            family(&other).and_then(|folder| families.get_key_value(folder))
        else {
            rows.push(other);
            continue;
        };
        if folders.insert(folder) {
            let side = |only: usize| format!("{both} differ, {only} only here");
            let key = format!("{folder}/*");
            rows.push(Difference { key, one: Some(side(*one)), two: Some(side(*two)) });
        }
    }
    rows
}

/// The key of the folder that a file is in, if it is not one of those that everything is in.
fn family(difference: &Difference) -> Option<&str> {
    let folder = parent(difference.key.strip_prefix(KEY)?);
    let is_deep = folder.matches('/').count() > 1;
    is_deep.then(|| &difference.key[..KEY.len() + folder.len()])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn files(json: serde_json::Value) -> HostFiles {
        serde_json::from_value(json).unwrap()
    }

    fn list_differences(differences: &[Difference]) -> String {
        let side_or_dash = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let lines = differences.iter().map(|other| {
            format!("{}: {} | {}", other.key, side_or_dash(&other.one), side_or_dash(&other.two))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn files_differ_in_what_is_told_of_them() {
        let file = |mode: &str, owner: &str, size: u64, sha256: &str| json!({"kind": "file", "mode": mode, "owner": owner, "size": size, "sha256": sha256});
        let folder = json!({"kind": "folder", "mode": "755", "owner": "root"});
        let secret = json!({"kind": "file", "mode": "640", "owner": "app", "holds": "a secret"});
        let own = json!({"kind": "file", "mode": "640", "owner": "app"});
        let link = |to: &str| json!({"kind": "link", "owner": "root", "to": to});
        let one = files(json!({
            "/etc": folder, "/etc/same": file("644", "root", 5, "aa"),
            "/etc/mode": file("644", "root", 5, "aa"), "/etc/owner": file("644", "app", 5, "aa"),
            "/etc/text": file("644", "root", 1229, "1234567890"), "/etc/link": link("here"),
            "/etc/large": {"kind": "file", "mode": "644", "owner": "root", "size": 2_097_152},
            "/etc/key": secret, "/etc/kept": secret, "/etc/kind": folder, "/etc/kind/a": link("x"),
            "/etc/only": folder, "/etc/only/a": file("644", "root", 1, "a"),
            "/etc/only/b": folder, "/etc/only/b/c": file("644", "root", 1, "a"),
            "/etc/only-a": file("600", "root", 1229, "a"), "/srv/app/data/x": own,
        }));
        let two = files(json!({
            "/etc": folder, "/etc/same": file("644", "root", 5, "aa"),
            "/etc/mode": file("600", "root", 5, "aa"), "/etc/owner": file("640", "root", 5, "aa"),
            "/etc/text": file("644", "root", 1229, "1234ffff90"), "/etc/link": link("there"),
            "/etc/large": {"kind": "file", "mode": "644", "owner": "root", "size": 2_097_153},
            "/etc/key": secret, "/etc/kept": file("640", "app", 5, "aabbccddee"),
            "/etc/kind": link("x"), "/opt/empty": folder, "/opt/pipe": {"kind": "other", "mode": "600", "owner": "root"},
            "/opt/secret": secret, "/srv/app/data/x": own,
        }));
        insta::assert_snapshot!(list_differences(&file_differences(&one, &two)), @"
        files./etc/kept: holds a secret | content aabbccdd, 5 B
        files./etc/kind: folder | link to x
        files./etc/large: 2.0 MiB | 2.0 MiB
        files./etc/link: link to here | link to there
        files./etc/mode: mode 644 | mode 600
        files./etc/only: folder of 2 files | -
        files./etc/only-a: 600 root 1.2 KiB | -
        files./etc/owner: mode 644, owner app | mode 640, owner root
        files./etc/text: content 12345678, 1.2 KiB | content 1234ffff, 1.2 KiB
        files./opt/empty: - | empty folder
        files./opt/pipe: - | 600 root no file
        files./opt/secret: - | 640 app holds a secret
        ");
        assert_eq!(file_differences(&one, &one), []);
    }

    #[test]
    fn a_large_family_is_one_row_for_a_person() {
        let row = |key: &str, one: Option<&str>, two: Option<&str>| Difference {
            key: key.to_owned(),
            one: one.map(str::to_owned),
            two: two.map(str::to_owned),
        };
        let mut rows = vec![row("packages.nginx", Some("1"), None)];
        for number in 10..25 {
            rows.push(row(&format!("files./etc/a{number}"), Some("x"), Some("y")));
        }
        for number in 10..22 {
            rows.push(row(&format!("files./etc/few/{number}"), Some("x"), Some("y")));
        }
        let few = rows.clone();
        assert_eq!(folded(few.clone()), few);
        for number in 10..20 {
            rows.push(row(&format!("files./etc/ssl/certs/{number}"), Some("x"), Some("y")));
        }
        rows.push(row("files./etc/ssl/certs/a", Some("x"), None));
        rows.push(row("files./etc/ssl/certs/b", None, Some("x")));
        rows.push(row("files./etc/ssl/certs/c", None, Some("x")));
        let rows = folded(rows);
        assert_eq!(rows[..few.len()], few);
        assert_eq!(
            list_differences(&rows[few.len()..]),
            "files./etc/ssl/certs/*: 10 differ, 1 only here | 10 differ, 2 only here"
        );
    }

    #[test]
    fn a_secret_in_what_was_said_of_a_file_costs_no_more_than_itself() {
        let listed = r#"{"/etc/a": {"kind": "file", "mode": "644", "owner": "root",
            "size": "12[secret pin]", "sha256": "ab[secret pin]"}}"#;
        let file = &serde_json::from_str::<HostFiles>(listed).unwrap()["/etc/a"];
        assert_eq!((file.size, file.sha256.as_deref()), (None, Some("ab[secret pin]")));
    }
}
