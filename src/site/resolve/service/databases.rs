//! `services.NAME.databases`: further databases of one server.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Resolver;
use super::super::value::{self, Complaint};
use super::database::{ServerFacts, privilege, role};
use crate::site::file::{DatabaseFile, ServiceFile};
use crate::site::model::{Database, ServiceHost};
use crate::site::problem::KeyPath;

/// Keys that only one kind of server has.
const OWN_KEYS: [(&str, &str); 3] =
    [("owner", "postgres"), ("extensions", "postgres"), ("grants", "mariadb")];

impl Resolver<'_> {
    pub(super) fn databases(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        server: ServerFacts<'_>,
    ) -> Option<BTreeMap<String, Database>> {
        let path = path.key("databases");
        let mut databases = Some(BTreeMap::new());
        for (name, described) in file.databases.iter().flatten() {
            let at = path.key(name);
            let is_named = self.name_of_a_database(&at, name, server);
            let database = self.further_database(&at, described, server);
            match (database, &mut databases) {
                (Some(database), Some(all)) if is_named => {
                    all.insert(name.clone(), database);
                }
                (_, all) => *all = None,
            }
        }
        if let (Some(databases), Some(user)) = (&databases, server.user) {
            let by_socket = server.kind == "postgres" && file.host == ServiceHost::App;
            self.one_password_for_each(&path, databases, user, by_socket);
        }
        databases
    }

    fn name_of_a_database(&mut self, at: &KeyPath, name: &str, server: ServerFacts<'_>) -> bool {
        let complaint = match value::word(name) {
            Err(complaint) => complaint,
            Ok(_) if server.own.contains(&name) => {
                Complaint::new(format!("`{name}` is the server's own database"))
                    .hint("name the one that the app has")
            }
            Ok(_) if server.database == Some(name) => {
                Complaint::new(format!("`{name}` is the service's `database` already"))
                    .hint("describe it beside `database`, and take it out here")
            }
            Ok(_) => return true,
        };
        self.complain_of_key(at, complaint);
        false
    }

    fn further_database(
        &mut self,
        at: &KeyPath,
        file: &DatabaseFile,
        server: ServerFacts<'_>,
    ) -> Option<Database> {
        for (key, kind) in OWN_KEYS.into_iter().filter(|(_, kind)| *kind != server.kind) {
            if self.tree.find(&at.key(key)).is_some() {
                let message = format!("`{key}` goes with {kind}, not with {}", server.kind);
                self.complain_of_key(&at.key(key), Complaint::new(message).hint("take it out"));
            }
        }
        let is_postgres = server.kind == "postgres";
        let is_role = |text: &str| if is_postgres { role(text) } else { value::word(text) };
        let user = self.take_some(&at.key("user"), file.user.as_deref(), is_role);
        let user = user.and_then(|user| user.or_else(|| server.user.map(str::to_owned)));
        let owner = self.take_some(&at.key("owner"), file.owner.as_deref(), is_role);
        let encoding = self.take_some(&at.key("encoding"), file.encoding.as_deref(), value::word);
        let is_first = is_postgres && at.is(&["services", "*", "databases", "postgres"]);
        for key in ["encoding", "collation"] {
            if is_first && self.tree.find(&at.key(key)).is_some() {
                let complaint = Complaint::new(
                    "every server has a database `postgres`, which is as the server is",
                );
                self.complain_of_key(&at.key(key), complaint.hint("take it out"));
            }
        }
        let collates = if is_postgres { value::locale } else { value::word };
        let collation = self.take_some(&at.key("collation"), file.collation.as_deref(), collates);
        let extensions = file.extensions.as_deref().unwrap_or_default();
        let extensions = self.take_all(&at.key("extensions"), extensions, value::word);
        let grants = file.grants.as_deref().unwrap_or_default();
        let grants = self.take_all(&at.key("grants"), grants, privilege);
        let password = match &file.password {
            Some(_) => Some(self.text(&at.key("password"))?),
            None => None,
        };
        let seed = self.seed(at, file.seed.as_deref(), server.kind);
        let init = self.init_files(at, file.init.as_deref());
        let user = user?;
        Some(Database {
            owner: owner?.or_else(|| is_postgres.then(|| user.clone())),
            user,
            password,
            encoding: encoding?,
            collation: collation?,
            extensions: extensions?,
            grants: grants?,
            seed: seed?,
            init: init?,
        })
    }

    /// Every user of the server has one password, which is said once.
    fn one_password_for_each(
        &mut self,
        path: &KeyPath,
        databases: &BTreeMap<String, Database>,
        user: &str,
        by_socket: bool,
    ) {
        let mut known = BTreeSet::from([user]);
        for (name, database) in databases.iter().filter(|(_, one)| one.password.is_some()) {
            if !known.insert(&database.user) {
                let message = format!("`{}` has a password already", database.user);
                let at = path.key(name).key("password");
                self.complain_of_key(&at, Complaint::new(message).hint("take it out"));
            }
        }
        for (name, database) in databases {
            if !known.contains(database.user.as_str()) && !by_socket {
                let hint = format!(
                    "what `{}` logs in with, such as `password: \"${{secret.{name}}}\"`",
                    database.user
                );
                self.required_of_service(&path.key(name), "password", &hint);
            }
        }
    }
}
