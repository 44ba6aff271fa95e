//! MariaDB.

use super::super::image::{Chain, ImageKind, ImageSpec};
use super::super::template::context;
use super::seed::seed_files;
use super::{CERTIFICATE, Making, Program, Ready, ServicePart, init_files, script_file, words};
use crate::failure::Failure;
use crate::site::{Mariadb, NetworkFamilies, Role, Service, ServiceProgram, ServiceTls};

pub(super) fn mariadb_part(
    chain: &mut Chain,
    role: &Role,
    mariadb: &Mariadb,
    service: &Service,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let version = &mariadb.version;
    let program = Program::new(ServiceProgram::Mariadb, version, service.image.as_deref());
    let parent = program.image(chain, &["mariadb-server"], &[], making.templates)?;
    let (mut files, init) = init_files(&mariadb.init)?;
    let seed = seed_files(mariadb.seed.as_ref())?;
    files.extend(seed.files);
    let privileges = match &mariadb.grants[..] {
        [] => "ALL PRIVILEGES".to_owned(),
        grants => grants.join(", "),
    };
    let script = making.templates.render(
        "image/mariadb.sh.j2",
        context! {
            init, privileges,
            encoding => mariadb.encoding,
            collation => mariadb.collation,
            settings => mariadb.settings,
            database => mariadb.database,
            // In a GRANT, `_` stands for any letter.
            granted => mariadb.database.replace('_', "\\_"),
            user => mariadb.user,
            seed => seed.value,
        },
    )?;
    let title = format!("database {} of MariaDB {version}", mariadb.database);
    let identity: Vec<&str> = seed.identity.iter().map(String::as_str).collect();
    let spec = ImageSpec::built(ImageKind::Service, title, parent, script)
        .with_files(files, &identity)
        .offline();
    let password = making.secrets.reveal(&mariadb.password);
    let password = password.replace('\\', r"\\").replace('\'', r"\'");
    let mut command = words(&["/bin/sh", "/opt/stagectl/mariadb.sh"]);
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
        ],
        capabilities: words(&["CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"]),
        ready: Ready {
            argv: words(&["/bin/sh", "/opt/stagectl/mariadb-ready.sh", role.as_str()]),
            stdin: Some(format!("ALTER USER '{}'@'%' IDENTIFIED BY '{password}';\n", mariadb.user)),
        },
    })
}
