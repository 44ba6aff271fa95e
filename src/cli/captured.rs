//! A site as it was read from its hosts, and how that is said.

use std::path::Path;

use super::asked::AskedArgs;
use crate::cancel::Stop;
use crate::capture::{
    App, Description, Host, Scene, Way, Wishes, apps_of, choose, describe, fingerprint_key,
    has_front, look_at, names_of, script,
};
use crate::display::print_note;
use crate::failure::Failure;
use crate::outside_look::Look;
use crate::site::SiteName;

/// What was read of a site.
#[derive(Debug)]
pub(super) struct Captured {
    pub(super) hosts: Vec<Host>,
    pub(super) app: App,
    /// Which of the hosts is the app's.
    own: usize,
    pub(super) looks: Vec<Look>,
    pub(super) description: Description,
}

/// Reads the hosts of a site, all at once, and looks at it from here.
///
/// # Errors
/// Infrastructure: a host cannot be read. Interrupted. Usage: which app is meant is not clear.
pub(super) async fn read(
    root: &Path,
    ways: &[Way],
    asked: &AskedArgs,
    wishes: Wishes,
    looks: bool,
    stop: &Stop,
) -> Result<Captured, Failure> {
    let text = script(&asked.questions(fingerprint_key(root)?)?);
    for way in ways.iter().filter(|way| !matches!(way, Way::File(_))) {
        print_note(&format!("reading {way}: 1 script, nothing is written there"));
    }
    let terms = asked.terms();
    let asking = futures_util::future::join_all(ways.iter().map(|way| way.ask(&text, terms)));
    let answers = tokio::select! {
        answers = asking => answers,
        () = stop.requested() => return Err(stop.failure()),
    };
    let read = |(answer, way): (Result<_, Failure>, &Way)| {
        let answer = answer.map_err(|failure: Failure| {
            // Of several it is said which.
            if ways.len() > 1 { failure.cause(format!("{way} was read")) } else { failure }
        })?;
        Ok(Host { called: way.host().map(str::to_owned), ..Host::of(&answer) })
    };
    let hosts = answers.into_iter().zip(ways).map(read).collect::<Result<Vec<Host>, Failure>>()?;
    let (own, app) = app_of(&hosts, asked.unit.as_deref())?;
    let host = &hosts[own];
    let proxy = proxy_of(&hosts, host, &app, &wishes);
    let mut names = names_of(&Scene { host, proxy, app: &app, looks: &[], wishes: &wishes });
    // A proxy that could not be read is looked at from here all the same.
    if names.is_empty() {
        names.clone_from(&wishes.known_names);
    }
    let seen = if looks {
        look_at(&names, asked.detours.clone(), asked.ca.as_deref()).await?
    } else {
        Vec::new()
    };
    let description = describe(&Scene { host, proxy, app: &app, looks: &seen, wishes: &wishes });
    Ok(Captured { app, own, looks: seen, description, hosts })
}

/// The host whose proxy leads to the app: its own, or one that was read beside it.
fn proxy_of<'a>(hosts: &'a [Host], host: &'a Host, app: &App, wishes: &Wishes) -> &'a Host {
    let has_sites = |host: &&Host| {
        host.files
            .keys()
            .any(|path| path.contains("/sites-enabled/") || path.starts_with("/etc/nginx/conf.d/"))
    };
    let others = hosts.iter().filter(|other| !std::ptr::eq(*other, host));
    let candidates: Vec<&Host> = std::iter::once(host).chain(others).filter(has_sites).collect();
    let leads = |proxy: &&&Host| has_front(&Scene { host, proxy, app, looks: &[], wishes });
    candidates.iter().find(leads).or(candidates.first()).copied().unwrap_or(host)
}

/// The host that has the app, and the app.
fn app_of(hosts: &[Host], unit: Option<&str>) -> Result<(usize, App), Failure> {
    let mut failures = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        match choose(host, unit) {
            Ok(app) => return Ok((number, app)),
            Err(failure) => failures.push((apps_of(host).len(), failure)),
        }
    }
    // A host with apps says most of what is wrong.
    let (_, mut failure) = failures
        .into_iter()
        .rev()
        .max_by_key(|(apps, _)| *apps)
        .unwrap_or_else(|| (0, Failure::usage("there is no host to read")));
    if hosts.len() > 1 {
        let names: Vec<&str> = hosts.iter().map(|host| host.system.hostname.as_str()).collect();
        failure = failure.cause(format!("looked for on {}", names.join(", ")));
    }
    Err(failure)
}

impl Captured {
    /// What was read, what was written of it, and what is left to do.
    pub(super) fn lines(&self, site: &SiteName, written: &Description) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.looks.iter().map(|look| format!("  from outside   {}", outside(look))));
        for host in &self.hosts {
            let name = if self.hosts.len() > 1 {
                format!("{}: ", host.system.hostname)
            } else {
                String::new()
            };
            lines.push(format!("  as {:<12} {name}{}", host.system.reader, system(host)));
        }
        lines.push(format!("  the app        {}", self.app_in_words()));
        for what in &self.description.not_readable {
            lines.push(format!("  not readable   {what}"));
        }
        for note in &self.description.notes {
            lines.push(format!("  to be known    {note}"));
        }
        let beside: Vec<&str> = written.files.iter().map(|file| file.path.as_str()).collect();
        let more = if beside.is_empty() {
            String::new()
        } else {
            format!(", environments/{site}/{{{}}}", beside.join(", "))
        };
        lines.push(format!(
            "wrote environments/{site}.yaml{more}; every key says where it comes from"
        ));
        match written.todos.len() {
            0 => {}
            1 => lines.push("1 line wants you:  # TODO ...".to_owned()),
            count => lines.push(format!("{count} lines want you:  # TODO ...")),
        }
        lines
    }

    fn app_in_words(&self) -> String {
        let app = &self.app;
        let host = self.hosts.get(self.own);
        let mut parts = vec![format!("{} by {}", app.name, app.server.word())];
        if let Some(host) = host {
            parts.extend(app.user(host).map(|user| format!("as {user}")));
            match app.variables(host) {
                Some(variables) => {
                    let kept = self.description.marks.len();
                    parts.push(format!("{} variables ({kept} kept back)", variables.len()));
                }
                None => parts.push("its variables were not readable".to_owned()),
            }
            if let Some(environment) = app.environment(host) {
                let python = environment.version.clone().unwrap_or_default();
                parts.push(format!(
                    "Python {python}, {} distributions",
                    environment.distributions.len()
                ));
            }
            parts.extend(host.services.iter().filter_map(|asked| {
                Some(format!("{} {}", asked.variable, asked.version.as_ref()?))
            }));
        }
        parts.join(", ")
    }
}

/// A host's system on one line.
fn system(host: &Host) -> String {
    let packages = &host.packages.installed;
    let manual = packages
        .values()
        .filter(|package| package.is_manual && !package.is_of_every_system)
        .count();
    let locale = host.system.locale.get("LANG").cloned().unwrap_or_else(|| "no locale".to_owned());
    let zone = host
        .system
        .timezone
        .clone()
        .or_else(|| host.system.localtime.clone())
        .unwrap_or_else(|| "no time zone".to_owned());
    format!(
        "{}, {} packages ({manual} by hand), {locale}, {zone}",
        host.system.name,
        packages.len()
    )
}

/// A name as it looks from here.
fn outside(look: &Look) -> String {
    let Ok(tls) = &look.tls else {
        let plain = look
            .plain
            .as_ref()
            .map_or_else(Clone::clone, |answer| format!("{} over plain HTTP", answer.status));
        return format!(
            "{}: no TLS ({}); {plain}",
            look.name,
            look.tls.as_ref().err().cloned().unwrap_or_default()
        );
    };
    let days = tls.certificate.days_left(jiff::Timestamp::now().as_second());
    let versions: Vec<String> =
        tls.versions.iter().map(|version| version.word().to_owned()).collect();
    let mut parts = vec![format!(
        "{}: certificate ({}, {} names, chain of {}, {days} days left)",
        look.name,
        tls.certificate.key,
        tls.certificate.names.len(),
        tls.chain.len()
    )];
    parts.push(versions.join(" "));
    if look.secure.as_ref().is_ok_and(|answer| answer.header("strict-transport-security").is_some())
    {
        parts.push("HSTS".to_owned());
    }
    if look
        .plain
        .as_ref()
        .is_ok_and(|answer| answer.redirect().is_some_and(|to| to.starts_with("https://")))
    {
        parts.push("http -> https".to_owned());
    }
    parts.join(", ")
}
