//! The site as its suite meets the live one: the tests that are marked for it, and variables whose values mean something there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Failure;
use crate::outside_look::Lookout;
use crate::replica::{Secrets, paths};
use crate::site::{Part, SecretName, SecretSource, Site, SuiteSource, Text};

/// The marker of tests that may be run against a live site. Another than `live`, with which a test says that it holds for the
/// release before an upgrade as well: such a test may write.
const MARKER: &str = "read_only";

/// What a suite is that looks at the live site.
#[derive(Debug, Clone)]
pub struct Meant {
    pub site: Site,
    pub secrets: Secrets,
    /// What is trusted in its container, as PEM.
    pub trusted_pem: String,
    /// Variables that its tests have in a rehearsal and not here, as their values are made for a rehearsal.
    pub left_out: Vec<String>,
}

/// What the suite of a site is against the live one. `passed` are variables of this process that the tests get; `roots` is what
/// this machine trusts, beside what a person has given.
///
/// # Errors
/// Usage: the suite is a command, or a variable is not set.
pub fn meant_live(
    site: &Site,
    passed: &[String],
    (lookout, roots): (&Lookout, Option<&[u8]>),
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Meant, Failure> {
    let mut live = Site { secrets: BTreeMap::new(), ..site.clone() };
    live.critical.suite = marked(site)?;
    live.critical.pick = None;
    live.host.clock = None;
    // What a replica has beside it: stubs, mails, a certificate of stagectl's own clients.
    (live.outside, live.services, live.live.visit) = (BTreeMap::new(), BTreeMap::new(), None);
    live.tls.iter_mut().for_each(|tls| tls.client = None);
    let is_real = |secret: &SecretName| match &site.secrets[secret] {
        SecretSource::Generate(_) => false,
        SecretSource::FromEnv(key) => variable(key).is_some_and(|value| !value.is_empty()),
        SecretSource::FromFile { path, .. } => path.is_file(),
    };
    let mut left_out = Vec::new();
    let mut keep = |name: &String, text: &Text| {
        let is_kept = text.secrets().all(is_real);
        if !is_kept && !passed.contains(name) {
            left_out.push(name.clone());
        }
        is_kept
    };
    live.env.retain(|name, text| site.critical.site_env.contains(name) && keep(name, text));
    live.critical.env.retain(|name, text| keep(name, text));
    for text in live.env.values().chain(live.critical.env.values()) {
        for secret in text.secrets() {
            live.secrets.insert(secret.clone(), site.secrets[secret].clone());
        }
    }
    for name in passed {
        let secret: SecretName = name.parse().map_err(|_| {
            Failure::usage(format!("`{name}` is not the name of a variable"))
                .hint("name a variable of this environment: `--env BOARD_PASSWORD`")
        })?;
        if variable(name).is_none_or(|value| value.is_empty()) {
            return Err(Failure::usage(format!("the variable {name} of `--env` is not set"))
                .hint(format!("export {name}=... before the call")));
        }
        live.critical.env.insert(name.clone(), Text(vec![Part::Secret(secret.clone())]));
        live.secrets.insert(secret, SecretSource::FromEnv(name.clone()));
    }
    left_out.sort();
    let secrets = Secrets::for_site(&live, variable)?;
    let mut trusted_pem = roots.map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    if !trusted_pem.is_empty() && !trusted_pem.ends_with('\n') {
        trusted_pem.push('\n');
    }
    trusted_pem.push_str(&lookout.roots().given_pem());
    if !trusted_pem.is_empty() {
        let key = "SSL_CERT_FILE".to_owned();
        live.critical.env.entry(key).or_insert_with(|| Text::literal(paths::ROOT));
    }
    Ok(Meant { site: live, secrets, trusted_pem, left_out })
}

/// The tests of pytest that may be run against the live site, as its `-m` has it.
pub(super) fn chosen(site: &Site) -> &str {
    site.critical.live.as_deref().unwrap_or(MARKER)
}

/// The suite, of which the marked tests alone are run.
fn marked(site: &Site) -> Result<SuiteSource, Failure> {
    match &site.critical.suite {
        SuiteSource::Pytest { path, file, select } => {
            let live = chosen(site);
            let select = match select {
                Some(select) => format!("({select}) and ({live})"),
                None => live.to_owned(),
            };
            Ok(SuiteSource::Pytest { path: path.clone(), file: file.clone(), select: Some(select) })
        }
        SuiteSource::Command { path, .. } if site.critical.live.is_some() => {
            let run = site.critical.live.clone().unwrap_or_default();
            Ok(SuiteSource::Command { path: path.clone(), run })
        }
        SuiteSource::Command { run, .. } => Err(Failure::usage(format!(
            "the suite of {} is a command, `{}`: nobody can say which of its tests only read",
            site.name,
            run.trim()
        ))
        .hint("describe a command of those that do: `critical.live`")
        .hint(
            "or a folder of pytest, `critical.path`, and mark its tests: `@pytest.mark.read_only`",
        )),
    }
}

/// Where the file of what is trusted is read from, in a few words.
#[must_use]
pub(super) fn shown_folder(site: &Site) -> Option<String> {
    let path: &Path = site.critical.suite.folder()?;
    let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    Some(path.strip_prefix(&here).unwrap_or(path).display().to_string())
}
