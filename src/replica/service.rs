//! The images and containers of what a site leans on, and how each is known to be ready.

use std::path::Path;

use super::image::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec};
use super::secret::Secrets;
use super::site_image::Locale;
use super::spec::FileEntry;
use super::template::{Templates, built_in, context};
use crate::failure::Failure;
use crate::site::{
    BaseOrigin, DebianSuite, Postgres, Role, Service, ServiceKind, ServiceProgram, Text,
    service_suite,
};

/// A service, ready to be put into a plan.
#[derive(Debug, Clone)]
pub(super) struct ServicePart {
    pub image: ImageIndex,
    pub command: Vec<String>,
    pub files: Vec<FileEntry>,
    pub capabilities: Vec<String>,
    /// Run inside until it succeeds; its last line of output is what was last seen.
    pub ready: Ready,
}

/// A command that succeeds when a service is ready.
#[derive(Clone)]
pub struct Ready {
    pub argv: Vec<String>,
    /// May hold secrets; never shown.
    pub stdin: Option<String>,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.argv.join(" "))
    }
}

/// Adds the service's images to the chain.
///
/// # Errors
/// Usage: an init file that cannot be read.
pub(super) fn service_part(
    chain: &mut Chain,
    role: &Role,
    service: &Service,
    secrets: &Secrets,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    match &service.kind {
        ServiceKind::Postgres(postgres) => postgres_part(chain, role, postgres, secrets, templates),
        ServiceKind::Redis { version, password } => {
            let image = packages(
                chain,
                suite(ServiceProgram::Redis, version),
                &["redis-server"],
                &[],
                templates,
            )?;
            Ok(redis(image, password.as_ref(), secrets))
        }
        ServiceKind::Memcached { version } => {
            let image = packages(
                chain,
                suite(ServiceProgram::Memcached, version),
                &["memcached"],
                &[],
                templates,
            )?;
            Ok(memcached(image))
        }
    }
}

/// The image of the resolver: the newest suite that is there anyway.
///
/// # Errors
/// None of a user's making.
pub(super) fn resolver_image(
    chain: &mut Chain,
    suite: &DebianSuite,
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    packages(chain, suite.clone(), &["dnsmasq-base"], &[], templates)
}

/// # Panics
/// For a version that the check of the description let through by mistake.
fn suite(program: ServiceProgram, version: &str) -> DebianSuite {
    service_suite(program, version).expect("a version that the description's check knows")
}

fn packages(
    chain: &mut Chain,
    suite: DebianSuite,
    packages: &[&str],
    locales: &[Locale],
    templates: &Templates,
) -> Result<ImageIndex, Failure> {
    let base = chain.add(ImageSpec::base(BaseOrigin::Debian(suite.clone())));
    let script = templates.render("image/packages.sh.j2", context! { packages, locales })?;
    let title = format!("{} of Debian {suite}", packages[0]);
    Ok(chain.add(ImageSpec::built(ImageKind::Packages, title, base, script)))
}

fn postgres_part(
    chain: &mut Chain,
    role: &Role,
    postgres: &Postgres,
    secrets: &Secrets,
    templates: &Templates,
) -> Result<ServicePart, Failure> {
    let version = &postgres.version;
    let locales: Vec<Locale> = Locale::to_generate(&postgres.locale).into_iter().collect();
    let server = format!("postgresql-{version}");
    let mut wanted = vec![server.as_str()];
    if !locales.is_empty() {
        wanted.push("locales");
    }
    let parent =
        packages(chain, suite(ServiceProgram::Postgres, version), &wanted, &locales, templates)?;
    // Libraries older than 10 speak md5 only; servers before 14 still default to it.
    let old = version.parse::<u32>().is_ok_and(|major| major < 14);
    let mut files = Vec::new();
    let mut init = Vec::new();
    for (index, path) in postgres.init.iter().enumerate() {
        let target = format!("{BUILD_FOLDER}/init-{index}.sql");
        files.push(FileEntry::new(&target, 0o644, read(path)?));
        let title = path.file_name().map(|name| name.to_string_lossy().into_owned());
        init.push(context! { path => target, title });
    }
    let mut roles = vec![&postgres.user];
    if postgres.owner != postgres.user {
        roles.push(&postgres.owner);
    }
    let script = templates.render(
        "image/postgres.sh.j2",
        context! {
            version, init, roles,
            encoding => postgres.encoding,
            locale => postgres.locale,
            authentication => if old { "md5" } else { "scram-sha-256" },
            settings => postgres.settings,
            database => postgres.database,
            owner => postgres.owner,
            extensions => postgres.extensions,
        },
    )?;
    let title = format!("database {} of PostgreSQL {version}", postgres.database);
    let spec = ImageSpec::built(ImageKind::Service, title, parent, script)
        .with_files(files, &[])
        .offline();
    let password = secrets.reveal(&postgres.password).replace('\'', "''");
    let quoted = postgres.user.replace('"', "\"\"");
    Ok(ServicePart {
        image: chain.add(spec),
        command: words(&[
            "/bin/sh",
            "/opt/stagectl/postgres.sh",
            &format!("/usr/lib/postgresql/{version}/bin/postgres"),
        ]),
        files: vec![
            script_file("postgres.sh", "service/postgres.sh"),
            script_file("postgres-ready.sh", "service/postgres-ready.sh"),
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/sh", "/opt/stagectl/postgres-ready.sh", role.as_str()]),
            stdin: Some(format!("ALTER ROLE \"{quoted}\" PASSWORD '{password}';\n")),
        },
    })
}

fn redis(image: ImageIndex, password: Option<&Text>, secrets: &Secrets) -> ServicePart {
    let mut config =
        "bind 0.0.0.0\nprotected-mode no\nsave \"\"\nappendonly no\ndir /tmp\n".to_owned();
    if let Some(password) = password {
        let password = secrets.reveal(password).replace('\\', r"\\").replace('"', "\\\"");
        config.push_str(&format!("requirepass \"{password}\"\n"));
    }
    ServicePart {
        image,
        command: as_user("redis", &["/usr/bin/redis-server", "/etc/redis/stagectl.conf"]),
        files: vec![
            FileEntry::new("/etc/redis/stagectl.conf", 0o644, config),
            script_file("port-ready.sh", "service/port-ready.sh"),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: port_ready(6379, "PING", "+PONG|-NOAUTH"),
    }
}

fn memcached(image: ImageIndex) -> ServicePart {
    ServicePart {
        image,
        command: as_user("memcache", &["/usr/bin/memcached", "-l", "0.0.0.0"]),
        files: vec![script_file("port-ready.sh", "service/port-ready.sh")],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: port_ready(11211, "version", "VERSION"),
    }
}

fn as_user(user: &str, command: &[&str]) -> Vec<String> {
    let mut argv = words(&["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups"]);
    argv.extend(words(command));
    argv
}

fn port_ready(port: u16, request: &str, answer: &str) -> Ready {
    let argv =
        words(&["/bin/bash", "/opt/stagectl/port-ready.sh", &port.to_string(), request, answer]);
    Ready { argv, stdin: None }
}

fn script_file(name: &str, template: &str) -> FileEntry {
    FileEntry::new(format!("/opt/stagectl/{name}"), 0o644, built_in(template))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::usage(format!("could not read {}", path.display())).because(&error)
    })
}
