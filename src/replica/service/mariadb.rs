//! MariaDB.

use super::super::image::{Chain, ImageKind, ImageSpec};
use super::super::template::context;
use super::seed::seed_files;
use super::{Making, Program, Ready, ServicePart, init_files, script_file, words};
use crate::failure::Failure;
use crate::site::{Mariadb, Role, ServiceProgram};

pub(super) fn mariadb_part(
    chain: &mut Chain,
    role: &Role,
    mariadb: &Mariadb,
    image: Option<&str>,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let version = &mariadb.version;
    let program = Program::new(ServiceProgram::Mariadb, version, image);
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
    Ok(ServicePart {
        image: chain.add(spec),
        command: words(&["/bin/sh", "/opt/stagectl/mariadb.sh"]),
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
