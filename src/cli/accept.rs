//! `stagectl drift --accept`: what a host has, written into the description: all of it, or nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use serde_json::{Value, json};

use super::context::chosen;
use crate::display::print_note;
use crate::drift::{Drift, Finding};
use crate::failure::Failure;
use crate::site::{
    Instead, Obstacle, Project, Site, line_of_key, value_of_yaml, with_value, written_with,
};

/// A key that a person has to write, and why.
struct ByHand<'a> {
    finding: &'a Finding,
    why: String,
}

/// Writes what the host has into the site's file; the keys that this settles. What `stagectl check` would not take
/// is not written, and no key is where one of them is for a person.
pub(super) fn accept(
    keys: &[String],
    project: &Project,
    (site, described): (&Site, &Value),
    drift: &Drift,
) -> Result<BTreeSet<String>, Failure> {
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let findings = findings_of(keys, site, drift)?;
    let file = project.root.join(&site.source);
    let before = fs::read_to_string(&file).map_err(|error| {
        Failure::usage(format!("could not read {}", site.source.display())).because(&error)
    })?;
    let mut text = before.clone();
    let (mut done, mut by_hand) = (Vec::new(), Vec::new());
    for finding in findings {
        match with_finding(&text, finding, project, (site, described)) {
            Ok(new) => {
                text = new;
                done.push(finding);
            }
            Err(why) => by_hand.push(ByHand { finding, why }),
        }
    }
    let refused = judge(&mut text, project, site, &done).err();
    if let Some(failure) = refused.as_ref().filter(|_| by_hand.is_empty() || !done.is_empty()) {
        sort_out(failure, &mut done, &mut by_hand);
    }
    if !by_hand.is_empty() {
        return Err(for_a_person(&by_hand, &done, &before, site));
    }
    if let Some(failure) = refused {
        let mut refusal = Failure::usage(format!(
            "{} stays as it is: `stagectl check` would refuse it with what the host has",
            site.source.display()
        ));
        refusal.causes.extend(failure.message.lines().map(str::to_owned));
        refusal.causes.extend(failure.causes);
        refusal.hints = failure.hints;
        return Err(refusal);
    }
    replace(&file, &before, &text).map_err(|error| {
        Failure::infrastructure(format!("could not write {}", site.source.display()))
            .because(&error)
    })?;
    for finding in &done {
        print_note(&format!(
            "{}: {} is {} now",
            site.source.display(),
            finding.key,
            finding.live.as_deref().unwrap_or("not there")
        ));
    }
    Ok(done.iter().map(|finding| finding.key.clone()).collect())
}

/// What has drifted of these keys, each once.
fn findings_of<'a>(
    keys: &[String],
    site: &Site,
    drift: &'a Drift,
) -> Result<Vec<&'a Finding>, Failure> {
    let is_of = |key: &str, finding: &Finding| {
        finding.key == key || finding.key.starts_with(&format!("{key}."))
    };
    for key in keys {
        if !drift.drifted().any(|finding| is_of(key, finding)) {
            let there: Vec<&str> = drift.drifted().map(|finding| finding.key.as_str()).collect();
            let failure = Failure::usage(format!("`{key}` has not drifted on {}", site.name));
            return Err(failure.hint(match &there[..] {
                [] => "nothing has".to_owned(),
                there => format!("what has: {}", there.join(", ")),
            }));
        }
    }
    Ok(drift.drifted().filter(|finding| keys.iter().any(|key| is_of(key, finding))).collect())
}

/// The text with what the host has of one key, or why that is for a person.
fn with_finding(
    text: &str,
    finding: &Finding,
    project: &Project,
    (site, described): (&Site, &Value),
) -> Result<String, String> {
    let path = &finding.path;
    let Some(accepted) = &finding.accepted else { return Err(place_beside(finding, described)) };
    let said = |obstacle: Obstacle| obstacle.to_string();
    if path[..] == ["base", "packages"] {
        let packages = packages(text, finding, described);
        return with_value(text, path, Some(&packages)).map_err(said);
    }
    if accepted.is_null() {
        let new = with_value(text, path, None).map_err(said)?;
        let instead = Instead { file: &site.source, text: &new };
        let still = written_with(project, site, instead).is_ok_and(|all| at(&all, path).is_some());
        // What the defaults say holds until it is taken away here.
        return if still {
            with_value(text, path, Some(&Value::Null)).map_err(said)
        } else {
            Ok(new)
        };
    }
    let (value, secret) = with_known_secret(accepted, at(described, path));
    let text = match secret
        .filter(|name| at(described, &["secrets".to_owned(), name.clone()]).is_none())
    {
        Some(name) => {
            let path = ["secrets".to_owned(), name];
            with_value(text, &path, Some(&json!({"generate": 32}))).map_err(said)?
        }
        None => text.to_owned(),
    };
    // `user: shop` is short for a map with that name.
    let name = value_of_yaml(&text).and_then(|all| all.get("user")?.as_str().map(str::to_owned));
    match (&path[..], name) {
        ([user, key], Some(name)) if user == "user" => {
            let value = if key == "name" { value } else { json!({"name": name, key: value}) };
            with_value(&text, &path[..1], Some(&value)).map_err(said)
        }
        _ => with_value(&text, path, Some(&value)).map_err(said),
    }
}

/// The value at a path.
fn at<'a>(tree: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(tree, |value, key| value.get(key))
}

/// The list of packages with one that came, went or has another version.
fn packages(text: &str, finding: &Finding, described: &Value) -> Value {
    let own = value_of_yaml(text);
    let list = own.as_ref().and_then(|own| at(own, &finding.path)).or(at(described, &finding.path));
    let mut list = list.and_then(Value::as_array).cloned().unwrap_or_default();
    let name = finding.key.strip_prefix("base.packages.").unwrap_or_default();
    let is_it =
        |item: &Value| item.as_str().is_some_and(|item| item.split('=').next() == Some(name));
    match (list.iter().position(is_it), finding.accepted.as_ref().filter(|new| !new.is_null())) {
        (Some(place), Some(new)) => list[place] = new.clone(),
        (Some(place), None) => _ = list.remove(place),
        (None, Some(new)) => list.push(new.clone()),
        (None, None) => {}
    }
    list.into()
}

/// A value with the secret that the description has in its place, and the name of the secret that it refers to.
fn with_known_secret(value: &Value, described: Option<&Value>) -> (Value, Option<String>) {
    let name_in = |value: &Value| {
        let (_, rest) = value.as_str()?.split_once("${secret.")?;
        rest.split_once('}').map(|(name, _)| name.to_owned())
    };
    let (Some(text), Some(name)) = (value.as_str(), name_in(value)) else {
        return (value.clone(), None);
    };
    match described.and_then(name_in) {
        Some(known) => {
            let reference = |name: &str| format!("${{secret.{name}}}");
            (text.replace(&reference(&name), &reference(&known)).into(), Some(known))
        }
        None => (value.clone(), Some(name)),
    }
}

/// Where a person finds what `--accept` does not write.
fn place_beside(finding: &Finding, described: &Value) -> String {
    let text = |pointer: &str| described.pointer(pointer).and_then(Value::as_str);
    let file = match finding.key.split('.').collect::<Vec<_>>()[..] {
        ["install", ..] => text("/install/requirements"),
        ["proxy", "config"] => text("/proxy/config"),
        ["wsgi", "config"] => text("/wsgi/config"),
        ["tls", ..] => text("/tls/certificate/like"),
        _ => {
            let files = described.get("files").and_then(Value::as_array).into_iter().flatten();
            let of = |file: &&Value| {
                let path = file.get("path").and_then(Value::as_str);
                path.is_some_and(|path| finding.key == format!("files.{path}"))
            };
            let mut found = files.filter(of);
            found.next().and_then(|file| file.get("source").or(file.get("template"))?.as_str())
        }
    };
    match file {
        Some(file) => format!("it is in a file beside the description, {file}"),
        None => "it is in a file beside the description".to_owned(),
    }
}

/// Whether `stagectl check` takes the text; secrets that nothing refers to any more are taken out before.
fn judge(
    text: &mut String,
    project: &Project,
    site: &Site,
    done: &[&Finding],
) -> Result<(), Failure> {
    let load = |text: &str| {
        let instead = Instead { file: &site.source, text };
        Project::load_with(&project.root, instead, |key| std::env::var(key).ok())
    };
    let loaded = load(text).or_else(|problems| {
        // Only what was written here can have made them so.
        let unused = problems.iter().filter(|problem| {
            matches!(problem.path.keys(), [first, _] if first == "secrets" && !done.is_empty())
                && problem.message.starts_with("nothing refers to the secret")
        });
        let unused: Vec<&[String]> = unused.map(|problem| problem.path.keys()).collect();
        for path in &unused {
            if let Ok(new) = with_value(text, path, None) {
                *text = new;
            }
        }
        if unused.is_empty() { Err(problems) } else { load(text) }
    });
    chosen(&loaded?, std::slice::from_ref(&site.name)).map(|_| ())
}

/// Moves the keys that a refusal is about to those for a person.
fn sort_out<'a>(failure: &Failure, done: &mut Vec<&'a Finding>, by_hand: &mut Vec<ByHand<'a>>) {
    let parts = |key: &str| key.split('.').map(str::to_owned).collect::<Vec<_>>();
    for problem in &failure.problems {
        let Some(key) = problem.key.as_deref().map(parts) else { continue };
        let is_about =
            |finding: &Finding| key.starts_with(&finding.path) || finding.path.starts_with(&key);
        while let Some(at) = done.iter().position(|finding| is_about(finding)) {
            let finding = done.remove(at);
            by_hand.push(ByHand {
                finding,
                why: format!("`stagectl check` refuses it: {}", problem.message),
            });
        }
    }
}

fn for_a_person(by_hand: &[ByHand<'_>], done: &[&Finding], text: &str, site: &Site) -> Failure {
    let count = match by_hand.len() {
        1 => "1 key is".to_owned(),
        count => format!("{count} keys are"),
    };
    let source = site.source.display();
    let failure = Failure::usage(format!("{source} stays as it is: {count} for a person to write"));
    let failure = by_hand.iter().fold(failure, |failure, ByHand { finding, why }| {
        let line = match line_of_key(text, &finding.path) {
            0 => String::new(),
            line => format!(":{line}"),
        };
        failure.cause(format!(
            "{source}{line}: {}: described {}, live {}: {why}",
            finding.key,
            on_one_line(finding.described.as_deref()),
            on_one_line(finding.live.as_deref()),
        ))
    });
    if done.is_empty() {
        return failure;
    }
    let rest: BTreeSet<&str> = done.iter().map(|finding| finding.key.as_str()).collect();
    let rest: Vec<&str> = rest.into_iter().collect();
    failure.hint(format!(
        "accept the others: `stagectl drift {} --accept {}`",
        site.name,
        rest.join(" ")
    ))
}

fn on_one_line(side: Option<&str>) -> String {
    side.map_or_else(|| "nothing".to_owned(), |text| text.trim_end().replace('\n', " ⏎ "))
}

/// Puts a text in the place of a file's, all at once, with its owner and mode.
fn replace(file: &Path, before: &str, text: &str) -> io::Result<()> {
    // A link stays one.
    let file = file.canonicalize()?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".").suffix(".new").tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    let there = fs::metadata(&file)?;
    // Who is not root has its own already.
    _ = chown(new.path(), Some(there.uid()), Some(there.gid()));
    new.as_file().set_permissions(there.permissions())?;
    if fs::read_to_string(&file)? != before {
        return Err(io::Error::other("somebody else has changed it meanwhile"));
    }
    new.persist(file)?;
    Ok(())
}
