//! PostgreSQL.

use super::super::network::Addresses;
use super::super::secret::Secrets;
use super::super::spec::FileEntry;
use super::super::template::context;
use super::databases::{Built, Databases};
use super::part::{CERTIFICATE, Making, Program, Ready, ServicePart, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageKind, ImageSpec};
use crate::replica::image::environment::APP_ID;
use crate::replica::image::locale::Locale;
use crate::replica::paths;
use crate::site::{
    APP_ADDRESS, Database, HbaRule, POSTGRES, Postgres, Role, Service, ServiceTls, Site, Text,
};

/// The role that every cluster of Debian's begins with, and its databases.
const SUPERUSER: &str = "postgres";
const FIRST_DATABASE: &str = "postgres";

pub(super) fn postgres_part(
    chain: &mut Chain,
    role: &Role,
    postgres: &Postgres,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let version = &postgres.version;
    let further = postgres.databases.values().filter_map(|database| database.collation.as_ref());
    let mut locales: Vec<Locale> = [Some(&postgres.locale), postgres.collation.as_ref()]
        .into_iter()
        .flatten()
        .chain(further)
        .filter_map(|name| Locale::to_generate(name))
        .collect();
    locales.dedup();
    let server = format!("postgresql-{version}");
    let mut wanted = vec![server.as_str()];
    wanted.extend(postgres.packages.iter().map(String::as_str));
    if !locales.is_empty() {
        wanted.push("locales");
    }
    let program = Program::new(&POSTGRES, version, service.image.as_deref());
    let parent = program.image(chain, &wanted, &locales, making.templates)?;
    // Libraries older than 10 speak md5 only; servers before 14 still default to it.
    let old = version.parse::<u32>().is_ok_and(|major| major < 14);
    let authentication = if old { "md5" } else { "scram-sha-256" };
    let databases = databases(postgres)?;
    let mut roles = Vec::new();
    let further = databases.built.iter().flat_map(|built| [&built.user, &built.owner]);
    for role in [&postgres.user, &postgres.owner].into_iter().chain(&postgres.roles).chain(further)
    {
        // Every cluster has its superuser.
        if role != SUPERUSER && !roles.contains(&role) {
            roles.push(role);
        }
    }
    let script = making.templates.render(
        "image/postgres.sh.j2",
        context! {
            version, roles,
            encoding => postgres.encoding,
            locale => postgres.locale,
            collation => postgres.collation,
            authentication,
            settings => postgres.settings,
            databases => databases.built,
        },
    )?;
    let title = format!("{} of PostgreSQL {version}", databases.title());
    let identity: Vec<&str> = databases.identity.iter().map(String::as_str).collect();
    let spec = ImageSpec::built(ImageKind::Service, title, parent, script)
        .with_files(databases.files, &identity)
        .offline();
    let program = format!("/usr/lib/postgresql/{version}/bin/postgres");
    let mut command = words(&["/bin/sh", paths::POSTGRES_SH, &program]);
    let mut files = vec![
        script_file("postgres.sh", "service/postgres.sh"),
        script_file("postgres-ready.sh", "service/postgres-ready.sh"),
        script_file("postgres-locks.sh", "service/postgres-locks.sh"),
    ];
    if service.is_on_the_app_s_host() {
        let line = format!("{0}:x:{APP_ID}:{APP_ID}::/:/bin/sh\n", making.site.user);
        files.push(FileEntry::new(paths::POSTGRES_LOGIN, 0o644, line));
    }
    if service.tls != ServiceTls::None {
        let files = format!("ssl_cert_file={CERTIFICATE}");
        command.extend(words(&["-c", "ssl=on", "-c", &files]));
        command.extend(words(&["-c", "ssl_key_file=/run/postgresql/server.key"]));
    }
    let rules = match (&postgres.hba[..], service.tls) {
        // The first line is how the password of this run gets in.
        ([_, ..], _) => {
            let rules: Vec<String> = hba_rules(making.site, role, postgres, making.addresses)
                .iter()
                .map(|rule| format!("{rule}\n"))
                .collect();
            Some(format!("local all postgres peer\n{}", rules.concat()))
        }
        ([], ServiceTls::Required) => {
            Some(format!("local all all peer\nhostssl all all all {authentication}\n"))
        }
        _ => None,
    };
    if let Some(rules) = rules {
        files.push(FileEntry::new(paths::PG_HBA_CONF, 0o644, rules));
        command.extend(words(&["-c", &format!("hba_file={}", paths::PG_HBA_CONF)]));
    }
    Ok(ServicePart {
        image: chain.add(spec),
        command,
        files,
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/sh", paths::POSTGRES_READY_SH, role.as_str()]),
            stdin: Some(passwords(postgres, making.secrets)),
        },
    })
}

/// Its own database, then the further ones.
fn databases(postgres: &Postgres) -> Result<Databases, Failure> {
    let mut databases = Databases::default();
    let own = Built {
        owner: postgres.owner.clone(),
        extensions: postgres.extensions.clone(),
        is_there: postgres.database == FIRST_DATABASE,
        ..Built::new(&postgres.database, &postgres.user)
    };
    databases.add(own, postgres.seed.as_ref(), &postgres.init)?;
    for (name, database) in &postgres.databases {
        let built = Built {
            owner: database.owner.clone().unwrap_or_else(|| database.user.clone()),
            extensions: database.extensions.clone(),
            is_there: name == FIRST_DATABASE,
            options: options(database),
            ..Built::new(name, &database.user)
        };
        databases.add(built, database.seed.as_ref(), &database.init)?;
    }
    Ok(databases)
}

/// The template of others has the encoding and the collation of the cluster.
fn options(database: &Database) -> String {
    let encoding = database.encoding.iter().map(|name| format!(" ENCODING '{name}'"));
    let collation = database.collation.iter().map(|name| format!(" LC_COLLATE '{name}'"));
    let said: String = encoding.chain(collation).collect();
    if said.is_empty() { said } else { format!(" TEMPLATE template0{said}") }
}

/// The passwords of this run.
fn passwords(postgres: &Postgres, secrets: &Secrets) -> String {
    let own = (&postgres.user, &postgres.password);
    let further = postgres.databases.values();
    let further = further.filter_map(|one| Some((&one.user, one.password.as_ref()?)));
    let line = |(user, password): (&String, &Text)| {
        let password = secrets.reveal(password).replace('\'', "''");
        format!("ALTER ROLE \"{}\" PASSWORD '{password}';\n", user.replace('"', "\"\""))
    };
    std::iter::once(own).chain(further).map(line).collect()
}

/// The described lines of `pg_hba.conf`, with the addresses of this replica in the place of its hosts' names.
pub(in crate::replica) fn hba_rules(
    site: &Site,
    role: &Role,
    postgres: &Postgres,
    addresses: &Addresses,
) -> Vec<HbaRule> {
    let address_of = |word: &str| {
        let service = site.services.keys().find(|role| role.as_str() == word);
        let app = (word == APP_ADDRESS).then(|| addresses.host());
        let known = app.or_else(|| service.map(|role| addresses.behind(role)))?;
        // Whoever comes, comes through the weather.
        let is_direct = addresses.behind(role) == addresses.service(role);
        Some(if is_direct { known } else { addresses.service(role) })
    };
    let rules = postgres.hba.iter().filter_map(|line| HbaRule::parse(line).ok());
    let replaced = rules.flat_map(|rule| match rule.address.as_deref().and_then(address_of) {
        Some(address) => {
            let ipv6 = addresses.ipv6_of(&address).map(|ipv6| rule.at(&format!("{ipv6}/128")));
            std::iter::once(rule.at(&format!("{address}/32"))).chain(ipv6).collect()
        }
        None => vec![rule],
    });
    replaced.collect()
}
