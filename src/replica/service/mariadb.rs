//! MariaDB.

use super::super::secret::Secrets;
use super::super::template::context;
use super::databases::{Built, Databases};
use super::part::{CERTIFICATE, Making, Program, Ready, ServicePart, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::{Chain, ImageKind, ImageSpec};
use crate::replica::paths;
use crate::site::{MARIADB, Mariadb, NetworkFamilies, Role, Service, ServiceTls, Text};

pub(super) fn mariadb_part(
    chain: &mut Chain,
    role: &Role,
    mariadb: &Mariadb,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let version = &mariadb.version;
    let program = Program::new(&MARIADB, version, service.image.as_deref());
    let parent = program.image(chain, &["mariadb-server"], &[], making.templates)?;
    let databases = databases(mariadb)?;
    let mut users: Vec<&String> = Vec::new();
    for built in &databases.built {
        if !users.contains(&&built.user) {
            users.push(&built.user);
        }
    }
    let script = making.templates.render(
        "image/mariadb.sh.j2",
        context! {
            users,
            encoding => mariadb.encoding,
            collation => mariadb.collation,
            settings => mariadb.settings,
            databases => databases.built,
        },
    )?;
    let title = format!("{} of MariaDB {version}", databases.title());
    let identity: Vec<&str> = databases.identity.iter().map(String::as_str).collect();
    let spec = ImageSpec::built(ImageKind::Service, title, parent, script)
        .with_files(databases.files, &identity)
        .offline();
    let mut command = words(&["/bin/sh", paths::MARIADB_SH]);
    let is_told =
        ["bind-address", "bind_address"].iter().any(|key| mariadb.settings.contains_key(*key));
    if making.site.host.resolver.network() == NetworkFamilies::Both && !is_told {
        // To MariaDB `::` is IPv6 alone.
        command.push("--bind-address=*".to_owned());
    }
    if service.tls != ServiceTls::None {
        command.push(format!("--ssl-cert={CERTIFICATE}"));
        command.push("--ssl-key=/run/mysqld/server.key".to_owned());
    }
    if service.tls == ServiceTls::Required {
        command.push("--require-secure-transport=ON".to_owned());
    }
    Ok(ServicePart {
        image: chain.add(spec),
        command,
        files: vec![
            script_file("mariadb.sh", "service/mariadb.sh"),
            script_file("mariadb-ready.sh", "service/mariadb-ready.sh"),
            script_file("mariadb-locks.sh", "service/mariadb-locks.sh"),
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/sh", paths::MARIADB_READY_SH, role.as_str()]),
            stdin: Some(passwords(mariadb, making.secrets)),
        },
    })
}

/// Its own database, then the further ones.
fn databases(mariadb: &Mariadb) -> Result<Databases, Failure> {
    let mut databases = Databases::default();
    let own = Built {
        privileges: privileges(&mariadb.grants),
        ..Built::new(&mariadb.database, &mariadb.user)
    };
    databases.add(own, mariadb.seed.as_ref(), &mariadb.init)?;
    for (name, database) in &mariadb.databases {
        let encoding = database.encoding.iter().map(|name| format!(" CHARACTER SET {name}"));
        let collation = database.collation.iter().map(|name| format!(" COLLATE {name}"));
        let built = Built {
            privileges: privileges(&database.grants),
            options: encoding.chain(collation).collect(),
            ..Built::new(name, &database.user)
        };
        databases.add(built, database.seed.as_ref(), &database.init)?;
    }
    Ok(databases)
}

fn privileges(grants: &[String]) -> String {
    if grants.is_empty() { "ALL PRIVILEGES".to_owned() } else { grants.join(", ") }
}

/// The passwords of this run.
fn passwords(mariadb: &Mariadb, secrets: &Secrets) -> String {
    let own = (&mariadb.user, &mariadb.password);
    let further = mariadb.databases.values();
    let further = further.filter_map(|one| Some((&one.user, one.password.as_ref()?)));
    let line = |(user, password): (&String, &Text)| {
        let password = secrets.reveal(password).replace('\\', r"\\").replace('\'', r"\'");
        format!("ALTER USER '{user}'@'%' IDENTIFIED BY '{password}';\n")
    };
    std::iter::once(own).chain(further).map(line).collect()
}
