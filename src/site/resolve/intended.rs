//! `intended`: what a description should not have, unless it says that it is meant: live credentials, logins at
//! hosts that are nobody of the replica, secrets in command lines, and the live site itself as a host that is allowed.

use std::collections::BTreeSet;

use super::known::{Elsewhere, Insiders};
use super::value::Complaint;
use super::{Resolver, Text};
use crate::site::file::{OutsideFile, SiteFile};
use crate::site::giveaway::{credential, hands_over, logins};
use crate::site::problem::{KeyPath, Place, Problem};
use crate::site::tree::{Node, Value};

/// Keys whose addresses are not the app's: what is installed from, and words for people.
const NOT_THE_APPS: [&str; 6] = ["base", "install", "login", "summary", "files", "intended"];

/// Commands of the app's host, in a shell.
const SHELL: [&[&str]; 4] = [
    &["deploy", "steps", "*", "run"],
    &["deploy", "backup", "*"],
    &["deploy", "rollback", "steps", "*", "run"],
    &["processes", "*", "run"],
];
/// A command whose arguments are seen, too.
const SERVICE: &[&str] = &["services", "*", "command"];

/// Something that is a problem if nobody says that it is meant.
struct Finding {
    path: KeyPath,
    place: Place,
    complaint: Complaint,
}

impl Resolver<'_> {
    /// Reports what looks like a mistake, and what is said to be meant and is not there.
    pub(super) fn intended(&mut self, file: &SiteFile, site: &str, insiders: &Insiders<'_>) {
        let mut found = Vec::new();
        for Elsewhere { path, place, text } in self.texts_of_the_description() {
            found.extend(live_credential(&path, &place, &text));
            let is_apps =
                path.keys().first().is_none_or(|key| !NOT_THE_APPS.contains(&key.as_str()));
            // Who has problems may have the name.
            if is_apps && insiders.services.values().all(Option::is_some) {
                let known = Known { file, site, insiders };
                found.extend(known.stranger(&path, &place, &text));
            }
        }
        found.extend(self.secrets_in_commands(file));
        found.extend(self.own_addresses(file));
        self.report_unless_intended(file, found);
    }

    /// Every text, its references followed; secrets stay as they are written.
    fn texts_of_the_description(&mut self) -> Vec<Elsewhere> {
        let mut texts = std::mem::take(&mut self.elsewhere);
        collect(self.tree, &KeyPath::default(), &mut |path, place, written| {
            if self.broken.contains(&path) {
                return;
            }
            let text = self.texts.get(&path).map_or_else(|| written.to_owned(), Text::to_string);
            texts.push(Elsewhere { path, place: place.clone(), text });
        });
        texts
    }

    /// Secrets that become arguments of a process: the shell's own, or those of what it starts.
    fn secrets_in_commands(&self, file: &SiteFile) -> Vec<Finding> {
        let is_secret = |name: &&String| {
            let text = self.texts.get(&KeyPath::from(["env", name.as_str()]));
            text.is_some_and(|text| text.secrets().next().is_some())
        };
        let variables: Vec<&String> = file.env.keys().filter(is_secret).collect();
        let mut found = Vec::new();
        for (path, text) in &self.texts {
            let in_shell = SHELL.iter().any(|pattern| path.is(pattern));
            let what = if let (true, Some(secret)) =
                (in_shell || path.is(SERVICE), text.secrets().next())
            {
                format!("the secret `{secret}`")
            } else if in_shell {
                let run = text.to_string();
                let Some(variable) = variables.iter().find(|name| hands_over(&run, name)) else {
                    continue;
                };
                format!("the secret in `${variable}`")
            } else {
                continue;
            };
            let message = format!(
                "{what} stands in the command line, where all who are on the host see it (`ps`)"
            );
            let instead = if in_shell {
                "let the program read it from a variable of `env`, from a file (`files`), or from its input"
            } else {
                "let the program read it from a variable (`env` of the service)"
            };
            let place = self.tree.place_of(path).clone();
            found.push(Finding {
                path: path.clone(),
                place,
                complaint: Complaint::new(message).hint(instead),
            });
        }
        found
    }

    /// Hosts that may be reached, and are the live site: its name with or without `www.`, or one of its certificate.
    fn own_addresses(&self, file: &SiteFile) -> Vec<Finding> {
        let written = file.names.iter().flatten();
        let certified = file
            .tls
            .iter()
            .flat_map(|tls| tls.certificate.iter())
            .flat_map(|certificate| certificate.names.iter().flatten());
        let own: BTreeSet<String> =
            written.chain(certified).map(|name| without_www(name).to_lowercase()).collect();
        let allowed = file.outside.iter().filter(|(_, outside)| is_allowed(outside));
        let ours = allowed.filter(|(host, _)| {
            own.contains(without_www(host))
                && !file.names.iter().flatten().any(|name| name == *host)
        });
        ours.map(|(host, _)| {
            let path = KeyPath::from(["outside", host]);
            let message = format!("`{host}` is the live site: the rehearsal would really reach it");
            let complaint = Complaint::new(message)
                .hint("add it to `names`, or describe what it answers: `{stub: ...}`");
            Finding { place: self.tree.key_place_of(&path).clone(), path, complaint }
        })
        .collect()
    }

    fn report_unless_intended(&mut self, file: &SiteFile, found: Vec<Finding>) {
        let key = KeyPath::from(["intended"]);
        self.no_twins(&key, &file.intended);
        let mut used = BTreeSet::new();
        for Finding { path, place, complaint } in found {
            let name = plain(&path);
            if let Some(entry) = file.intended.iter().find(|entry| entry.replace('"', "") == name) {
                used.insert(entry.as_str());
                continue;
            }
            let meant = format!("if it is meant, say so: `intended: [{name}]`");
            let hint = complaint.hint.map_or(meant.clone(), |hint| format!("{hint}; {meant}"));
            self.problems.push(Problem::new(place, path, complaint.message).hint(hint));
        }
        for (index, entry) in file.intended.iter().enumerate() {
            let at = key.key(index);
            // Of what all sites share each may have its own part; who else is allowed is known to all sites together.
            let is_own = self.tree.place_of(&at).file == self.tree.place.file;
            if !is_own || used.contains(entry.as_str()) || entry.starts_with("outside.") {
                continue;
            }
            let message = format!("nothing that `{entry}` says has to be meant");
            let hint = "take it out, or write the key as `stagectl check` shows it";
            self.complain(&at, Complaint::new(message).hint(hint));
        }
    }
}

/// A path as `intended` has it.
pub(in crate::site) fn plain(path: &KeyPath) -> String {
    path.keys().join(".")
}

fn without_www(name: &str) -> &str {
    name.strip_prefix("www.").unwrap_or(name)
}

fn is_allowed(outside: &OutsideFile) -> bool {
    matches!(outside, OutsideFile::Word(word) if word == "allow")
}

fn live_credential(path: &KeyPath, place: &Place, text: &str) -> Option<Finding> {
    let (words, _) = credential(text)?;
    let message = format!("this is {words}");
    let complaint = Complaint::new(message)
        .hint("a replica has credentials of its own: `${secret.NAME}` and `secrets: {NAME: {generate: 24}}`, or one for tests by `from_env`");
    Some(Finding { path: path.clone(), place: place.clone(), complaint })
}

/// Who can be logged in at in a replica.
struct Known<'a> {
    file: &'a SiteFile,
    site: &'a str,
    insiders: &'a Insiders<'a>,
}

impl Known<'_> {
    /// The first login at a host that nobody of the replica is.
    fn stranger(&self, path: &KeyPath, place: &Place, text: &str) -> Option<Finding> {
        let finding = |complaint| Finding { path: path.clone(), place: place.clone(), complaint };
        logins(text).into_iter().find_map(|login| {
            if self.is_inside(&login.host) {
                return None;
            }
            let host = &login.host;
            match self.file.outside.get(host) {
                Some(outside) if !is_allowed(outside) => None,
                Some(_) if !login.is_written => None,
                Some(_) => {
                    let message =
                        format!("the password for `{host}`, which is really reached, stands here");
                    let complaint = Complaint::new(message)
                        .hint("write it as `${secret.NAME}`, with `from_env`");
                    Some(finding(complaint))
                }
                None => {
                    let message = format!("a login at `{host}`, which nobody of the replica is");
                    let complaint = Complaint::new(message).hint(format!(
                        "give the name to a service: `names: [{host}]`, or to a stub in `outside`"
                    ));
                    Some(finding(complaint))
                }
            }
        })
    }

    fn is_inside(&self, host: &str) -> bool {
        let Insiders { names, wildcards, services } = self.insiders;
        let is_name = |host: &str| {
            names.iter().any(|name| name.as_str() == host)
                || wildcards.iter().any(|domain| {
                    host.strip_suffix(domain.as_str()).is_some_and(|front| front.ends_with('.'))
                })
                || services.iter().any(|(role, service)| {
                    role.as_str() == host
                        || service.as_ref().is_some_and(|service| {
                            service.names.iter().any(|name| name.as_str() == host)
                        })
                })
        };
        let is_this_host = ["localhost", "::1", "0.0.0.0"].contains(&host)
            || host.starts_with("127.")
            || host == self.site
            || self.file.host.hostname.as_deref() == Some(host);
        let searched = self.file.host.resolver.search.iter();
        is_this_host
            || is_name(host)
            || searched.into_iter().any(|domain| is_name(&format!("{host}.{domain}")))
    }
}

fn collect(node: &Node, path: &KeyPath, take: &mut impl FnMut(KeyPath, &Place, &str)) {
    match &node.value {
        Value::Scalar(scalar) => take(path.clone(), &node.place, &scalar.text),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &path.key(index), take);
            }
        }
        Value::Map(map) => {
            for entry in &map.entries {
                collect(&entry.value, &path.key(&entry.key), take);
            }
        }
    }
}
