//! PostgreSQL and MariaDB.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::value::{self, Complaint, Judged};
use super::super::{Resolver, Wanted};
use super::postgres_access::hba_line;
use crate::site::file::{AnyScalar, ServiceFile};
use crate::site::model::{Mariadb, Postgres, ServiceHost};
use crate::site::problem::KeyPath;
use crate::site::value::Text;

impl Resolver<'_> {
    pub(super) fn postgres(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Postgres> {
        let own = ["template0", "template1"];
        let database = self.database(path, file, site_user, &own);
        let user = self.role(path, "user", file.user.as_ref(), site_user);
        let otherwise = file.user.as_deref().unwrap_or(site_user);
        let owner = self.role(path, "owner", file.owner.as_ref(), otherwise);
        let encoding = self.word(path, "encoding", file.encoding.as_ref(), "UTF8");
        let written = file.locale.as_deref().unwrap_or("C.UTF-8");
        let locale = self.take(&path.key("locale"), value::locale(written));
        let collation = file.collation.as_deref();
        let collation = self.take_some(&path.key("collation"), collation, value::locale);
        // By the socket nobody needs one; an empty one lets nobody in.
        let by_socket = file.host == ServiceHost::App && file.password.is_none();
        let password = if by_socket { Some(Text::literal("")) } else { self.password(path) };
        let hba = file.hba.as_deref().unwrap_or_default();
        let hba = self.take_all(&path.key("hba"), hba, hba_line);
        let roles = file.roles.as_deref().unwrap_or_default();
        self.no_twins(&path.key("roles"), roles);
        let roles = self.take_all(&path.key("roles"), roles, role);
        let extensions = file.extensions.as_deref().unwrap_or_default();
        let extensions = self.take_all(&path.key("extensions"), extensions, value::word);
        let packages = file.packages.as_deref().unwrap_or_default();
        if file.image.is_some() && !packages.is_empty() {
            let complaint = Complaint::new("an image brings its own packages");
            self.complain_of_key(&path.key("packages"), complaint.hint("take it out"));
        }
        self.no_twins(&path.key("packages"), packages);
        let packages = self.take_all(&path.key("packages"), packages, value::package);
        let seed = self.seed(path, file.seed.as_deref(), "postgres");
        let init = self.init_files(path, file.init.as_deref());
        let settings = self.settings(path, file.settings.as_ref());
        let (name, login) = (database.as_deref(), user.as_deref());
        let server = ServerFacts { kind: "postgres", database: name, user: login, own: &own };
        let databases = self.databases(path, file, server);
        Some(Postgres {
            version: version?,
            database: database?,
            user: user?,
            password: password?,
            encoding: encoding?,
            locale: locale?,
            collation: collation?,
            owner: owner?,
            roles: roles?,
            extensions: extensions?,
            hba: hba?,
            packages: packages?,
            seed: seed?,
            init: init?,
            databases: databases?,
            settings: settings?,
        })
    }

    /// A role of PostgreSQL, the site's user where none is written.
    fn role(
        &mut self,
        path: &KeyPath,
        key: &str,
        written: Option<&String>,
        otherwise: &str,
    ) -> Option<String> {
        match written {
            Some(text) => self.take(&path.key(key), role(text)),
            None => Some(otherwise.to_owned()),
        }
    }

    /// The database's name, the site's user where none is written; a server's own ones are refused.
    fn database(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        site_user: &str,
        own: &[&str],
    ) -> Option<String> {
        let database = self.word(path, "database", file.database.as_ref(), site_user)?;
        if own.contains(&database.as_str()) {
            let complaint = Complaint::new(format!("`{database}` is the server's own database"));
            self.complain(&path.key("database"), complaint.hint("name the one that the app has"));
            return None;
        }
        Some(database)
    }

    pub(super) fn mariadb(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Mariadb> {
        let own = ["information_schema", "mysql", "performance_schema", "sys"];
        let database = self.database(path, file, site_user, &own);
        let user = self.word(path, "user", file.user.as_ref(), site_user);
        let encoding = self.word(path, "encoding", file.encoding.as_ref(), "utf8mb4");
        let collation = file.collation.as_deref();
        let collation = self.take_some(&path.key("collation"), collation, value::word);
        if let (Some(Some(collation)), Some(encoding)) = (&collation, &encoding)
            && !collation.starts_with(encoding.as_str())
            && collation != "binary"
        {
            let message = format!("`{collation}` is no collation of `{encoding}`");
            let hint = format!("its collations begin with `{encoding}_`");
            self.complain(&path.key("collation"), Complaint::new(message).hint(hint));
        }
        let password = self.password(path);
        let grants = file.grants.as_deref().unwrap_or_default();
        let grants = self.take_all(&path.key("grants"), grants, privilege);
        let seed = self.seed(path, file.seed.as_deref(), "mariadb");
        let init = self.init_files(path, file.init.as_deref());
        let settings = self.settings(path, file.settings.as_ref());
        let (name, login) = (database.as_deref(), user.as_deref());
        let server = ServerFacts { kind: "mariadb", database: name, user: login, own: &own };
        let databases = self.databases(path, file, server);
        Some(Mariadb {
            version: version?,
            database: database?,
            user: user?,
            password: password?,
            encoding: encoding?,
            collation: collation?,
            grants: grants?,
            seed: seed?,
            init: init?,
            databases: databases?,
            settings: settings?,
        })
    }

    /// A name, the site's own where none is written.
    pub(super) fn word(
        &mut self,
        path: &KeyPath,
        key: &str,
        written: Option<&String>,
        otherwise: &str,
    ) -> Option<String> {
        match written {
            Some(text) => self.take(&path.key(key), value::word(text)),
            None => Some(otherwise.to_owned()),
        }
    }

    /// The password that the service cannot do without.
    pub(super) fn password(&mut self, path: &KeyPath) -> Option<crate::site::value::Text> {
        let hint = "such as `password: \"${secret.db}\"`, with `secrets: {db: {generate: 24}}`";
        self.required_of_service(path, "password", hint);
        self.text(&path.key("password"))
    }

    pub(super) fn init_files(
        &mut self,
        path: &KeyPath,
        written: Option<&[String]>,
    ) -> Option<Vec<PathBuf>> {
        let folders = self.folders;
        let init = written.unwrap_or_default();
        self.take_all(&path.key("init"), init, |text| folders.find(text, Wanted::File))
    }

    pub(super) fn settings(
        &mut self,
        path: &KeyPath,
        written: Option<&BTreeMap<String, AnyScalar>>,
    ) -> Option<BTreeMap<String, String>> {
        let mut settings = Some(BTreeMap::new());
        for (key, setting) in written.into_iter().flatten() {
            let at = path.key("settings").key(key);
            let key = self.take(&at, value::word(key));
            let text = self.take(&at, value::line(&setting.0));
            match (key, text, &mut settings) {
                (Some(key), Some(text), Some(settings)) => {
                    settings.insert(key, text);
                }
                (_, _, settings) => *settings = None,
            }
        }
        settings
    }
}

/// A role that PostgreSQL lets anybody make.
pub(super) fn role(text: &str) -> Judged<String> {
    let role = value::word(text)?;
    if role.starts_with("pg_") || role == "public" || role == "none" {
        return Err(Complaint::new(format!("`{role}` is a name that PostgreSQL keeps to itself")));
    }
    Ok(role)
}

/// A privilege of MariaDB, in its own words: `SELECT`, `CREATE TEMPORARY TABLES`.
pub(super) fn privilege(text: &str) -> Judged<String> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
    if text.split(' ').all(is_word) {
        return Ok(text.to_uppercase());
    }
    Err(Complaint::new(format!("`{text}` is not a privilege"))
        .hint("write it as GRANT has it: SELECT, CREATE TEMPORARY TABLES"))
}

/// What is known of a server before its further databases are judged.
#[derive(Clone, Copy)]
pub(super) struct ServerFacts<'a> {
    pub(super) kind: &'static str,
    pub(super) database: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    /// The server's own databases, which are nobody's.
    pub(super) own: &'a [&'a str],
}
