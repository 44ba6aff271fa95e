//! PostgreSQL.

use super::super::image::{BUILD_FOLDER, Chain, ImageKind, ImageSpec};
use super::super::secret::Secrets;
use super::super::site_image::Locale;
use super::super::spec::FileEntry;
use super::super::template::{Templates, context};
use super::{Ready, ServicePart, packages, read, script_file, suite, words};
use crate::failure::Failure;
use crate::site::{Postgres, Role, ServiceProgram};

pub(super) fn postgres_part(
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
