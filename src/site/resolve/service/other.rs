//! RabbitMQ, mail, and services by their packages or image.

use std::collections::BTreeMap;

use super::super::Resolver;
use super::super::value::{self, Complaint, Judged, parsed};
use crate::site::debian::suite_names;
use crate::site::file::ServiceFile;
use crate::site::model::{DebianPackages, Login, Other, Rabbitmq, Smtp};
use crate::site::problem::KeyPath;
use crate::site::resolve::known::SiteFacts;
use crate::site::value::DebianSuite;

impl Resolver<'_> {
    pub(super) fn rabbitmq(
        &mut self,
        path: &KeyPath,
        version: Option<String>,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Rabbitmq> {
        let user = self.word(path, "user", file.user.as_ref(), site_user);
        let password = self.password(path);
        let written = file.virtual_host.as_deref().unwrap_or("/");
        let virtual_host = self.take(&path.key("virtual_host"), value::line(written));
        let settings = self.settings(path, file.settings.as_ref());
        Some(Rabbitmq {
            version: version?,
            user: user?,
            password: password?,
            virtual_host: virtual_host?,
            settings: settings?,
        })
    }

    pub(super) fn smtp(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        site_user: &str,
    ) -> Option<Smtp> {
        let behaviour = file.smtp?;
        self.no_login_without_a_sink(path, behaviour);
        let user = self.word(path, "user", file.user.as_ref(), site_user);
        if file.user.is_some() {
            let hint = "such as `password: \"${secret.mail}\"`; or take `user` out";
            self.required_of_service(path, "password", hint);
        }
        let login = match &file.password {
            Some(_) => Some(Login { user: user?, password: self.text(&path.key("password"))? }),
            None => None,
        };
        Some(Smtp { behaviour, login })
    }

    pub(super) fn other(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        site: SiteFacts<'_>,
    ) -> Option<Other> {
        let packages = match (&file.packages, &file.image) {
            (Some(_), Some(_)) => {
                let complaint = Complaint::new("`packages` and `image` are both there");
                self.complain(path, complaint.hint("put the packages into the image"));
                None
            }
            (Some(names), None) => self.debian_packages(path, names, file, site).map(Some),
            (None, Some(_)) => {
                if file.debian.is_some() {
                    let complaint = Complaint::new("`debian` goes with `packages`");
                    self.complain_of_key(&path.key("debian"), complaint.hint("take it out"));
                }
                Some(None)
            }
            (None, None) => {
                let hint = "such as `packages: [beanstalkd]`; or name an `image`";
                self.required_of_service(path, "packages", hint);
                None
            }
        };
        if file.command.is_none() {
            self.required_of_service(path, "command", "such as `command: beanstalkd -l 0.0.0.0`");
        }
        let hint = "a command that succeeds as soon as it is, such as \
                    `ready: \"bash -c 'exec 3<>/dev/tcp/127.0.0.1/11300'\"`";
        self.required_of_service(path, "ready", hint);
        let env: Option<BTreeMap<_, _>> = file
            .env
            .iter()
            .flatten()
            .map(|(key, _)| {
                let at = path.key("env").key(key);
                Some((self.take(&at, value::variable(key))?, self.text(&at)?))
            })
            .collect();
        let command = self.text(&path.key("command"));
        let ready = self.take_some(&path.key("ready"), file.ready.as_deref(), value::line);
        Some(Other {
            packages: packages?,
            command: command?,
            ready: ready??,
            port: file.port,
            env: env?,
        })
    }

    fn debian_packages(
        &mut self,
        path: &KeyPath,
        names: &[String],
        file: &ServiceFile,
        site: SiteFacts<'_>,
    ) -> Option<DebianPackages> {
        if names.is_empty() {
            let complaint = Complaint::new("no package is named");
            self.complain(&path.key("packages"), complaint.hint("such as `[beanstalkd]`"));
        }
        let names = self.take_all(&path.key("packages"), names, value::package);
        let suite = match (&file.debian, site.suite) {
            (Some(written), _) => self.take(&path.key("debian"), known_suite(written)),
            (None, Some(suite)) => suite.parse().ok(),
            (None, None) => {
                let hint = "the site's base is no Debian suite: say which one has the packages";
                self.required_of_service(path, "debian", hint);
                None
            }
        };
        Some(DebianPackages { suite: suite?, names: names? })
    }
}

fn known_suite(text: &str) -> Judged<DebianSuite> {
    let suite = parsed::<DebianSuite>(text)?;
    if suite_names().any(|name| name == text) {
        return Ok(suite);
    }
    let known: Vec<&str> = suite_names().collect();
    Err(Complaint::new(format!("no known Debian is called `{text}`"))
        .hint(format!("the suites there are: {}", known.join(", "))))
}
