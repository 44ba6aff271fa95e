//! `PgBouncer`, before a PostgreSQL.

use super::super::spec::FileEntry;
use super::part::{Making, Program, Ready, ServicePart, as_user, script_file, words};
use crate::failure::Failure;
use crate::replica::image::chain::Chain;
use crate::replica::paths;
use crate::site::{NetworkFamilies, PGBOUNCER, Pgbouncer, ServiceKind};

const CONFIG: &str = paths::PGBOUNCER_INI;
const USERS: &str = paths::PGBOUNCER_USERS_TXT;
/// Debian's package runs it as the database's own login.
const LOGIN: &str = "postgres";

pub(super) fn pgbouncer_part(
    chain: &mut Chain,
    pooler: &Pgbouncer,
    image: Option<&str>,
    making: Making<'_>,
) -> Result<ServicePart, Failure> {
    let program = Program::new(&PGBOUNCER, &pooler.version, image);
    let image = program.image(chain, &["pgbouncer"], &[], making.templates)?;
    let behind = making.site.services.get(&pooler.leads_to);
    let Some((service, ServiceKind::Postgres(postgres))) =
        behind.map(|service| (service, &service.kind))
    else {
        return Err(Failure::bug(format!("{} is no PostgreSQL", pooler.leads_to)));
    };
    let all = match making.site.host.resolver.network() {
        NetworkFamilies::Ipv4 => "0.0.0.0",
        NetworkFamilies::Both => "*",
    };
    let host = &service.names[0];
    let port = service.ports().plain.unwrap_or_default();
    let databases = std::iter::once(&postgres.database).chain(postgres.databases.keys());
    let led = databases.map(|name| format!("{name} = host={host} port={port} dbname={name}\n"));
    let mut config = format!(
        "[databases]\n{}\n[pgbouncer]\n\
         listen_addr = {all}\nlisten_port = 6432\nauth_file = {USERS}\n",
        led.collect::<String>()
    );
    // As Debian's own file has it.
    if !pooler.settings.contains_key("auth_type") {
        config.push_str("auth_type = md5\n");
    }
    for (key, value) in &pooler.settings {
        config.push_str(&format!("{key} = {value}\n"));
    }
    let own = (&postgres.user, &postgres.password);
    let further = postgres.databases.values();
    let further = further.filter_map(|one| Some((&one.user, one.password.as_ref()?)));
    let users = std::iter::once(own).chain(further).map(|(user, password)| {
        format!("\"{user}\" \"{}\"\n", making.secrets.reveal(password).replace('"', "\"\""))
    });
    let users: String = users.collect();
    Ok(ServicePart {
        image,
        command: as_user(LOGIN, &["pgbouncer", CONFIG]),
        files: vec![
            script_file("as-user.sh", "service/as-user.sh"),
            script_file("pgbouncer-ready.sh", "service/pgbouncer-ready.sh"),
            FileEntry::new(CONFIG, 0o644, config),
            // Nobody else is on this host.
            FileEntry::new(USERS, 0o644, users),
        ],
        capabilities: words(&["SETUID", "SETGID"]),
        ready: Ready { argv: words(&["/bin/bash", paths::PGBOUNCER_READY_SH]), stdin: None },
    })
}
