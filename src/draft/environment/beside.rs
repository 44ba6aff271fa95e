//! What lies beside the sources, as parts of the site: packages of a Dockerfile, services and variables of a
//! Compose file.

use super::{Environment, MOST, OF_THE_SYSTEM, Surroundings, secret_for};
use crate::draft::guess::Guess;
use crate::draft::yaml::scalar;
use crate::site::{MARIADB, SMTP, service_suite, suite_service};

impl Environment {
    /// Packages that the Dockerfile installs, where its Debian is the site's.
    pub(super) fn take_image(&mut self, around: Surroundings<'_>) {
        let image = &around.at_hand.image;
        if image.debian.as_ref().is_some_and(|debian| debian != around.debian) {
            return;
        }
        let lists = [
            (&mut self.packages, &image.packages),
            (&mut self.build_packages, &image.build_packages),
        ];
        let mut taken = Vec::new();
        for (own, more) in lists {
            for name in more {
                if !own.contains(name) {
                    own.push(name.clone());
                    taken.push(name.as_str());
                }
            }
        }
        if !taken.is_empty() {
            let what = format!("Debian packages {}", taken.join(", "));
            self.guesses.push(Guess { what, why: "the Dockerfile installs them".to_owned() });
        }
    }

    /// Services of the Compose file, and what it gives the app.
    pub(super) fn take_compose(&mut self, around: Surroundings<'_>) {
        let at_hand = around.at_hand;
        for found in &at_hand.services {
            let kind = found.kind;
            let own = suite_service(around.debian, kind);
            let version = std::iter::successors(Some(found.version.as_str()), |version| {
                version.rsplit_once('.').map(|(shorter, _)| shorter)
            });
            let version =
                version.into_iter().find(|version| service_suite(kind, version).is_some()).or(own);
            let names = format!("names: [{}]", found.name);
            let yaml = if kind.key == SMTP.key {
                format!("{{smtp: sink, {names}}}")
            } else {
                let Some(version) = version else {
                    self.notes.push(format!(
                        "{} has {} as `{}`, and {} has none: describe it with an `image`",
                        at_hand.compose, kind.title, found.name, around.debian
                    ));
                    continue;
                };
                let mut yaml = format!("{{{}: \"{version}\", {names}", kind.key);
                let has_database = found.password.is_some() || kind.key == "postgres";
                for (key, value) in [("database", &found.database), ("user", &found.user)] {
                    if let Some(value) = value {
                        yaml.push_str(&format!(", {key}: {}", scalar(value)));
                    }
                }
                if has_database || kind.key == MARIADB.key {
                    let secret = found.secret();
                    yaml.push_str(&format!(", password: \"${{secret.{secret}}}\""));
                    self.secrets.insert(secret);
                }
                yaml.push('}');
                yaml
            };
            let comment = if kind.key == SMTP.key {
                "takes every mail; the suite reads them".to_owned()
            } else {
                let nearest = found.version.is_empty()
                    || version.is_some_and(|version| found.version.starts_with(version));
                let said = format!("{} {}", kind.title, version.unwrap_or_default());
                if nearest {
                    format!("{said}, as {} has it", at_hand.compose)
                } else {
                    format!("{said}, nearest to {} of {}", found.version, at_hand.compose)
                }
            };
            self.service(&found.name, yaml, comment, at_hand.compose);
        }
        // Without their services the addresses in them lead nowhere.
        if self.services.is_empty() {
            return;
        }
        for (name, value) in &at_hand.variables {
            if !OF_THE_SYSTEM.contains(&name.as_str()) && self.variables.len() < MOST {
                // What stands there may be a live one.
                let secret = secret_for(name).filter(|_| !value.contains("${secret."));
                let value =
                    secret.map_or_else(|| value.clone(), |secret| format!("${{secret.{secret}}}"));
                self.secrets.extend(secret.map(str::to_owned));
                self.set(name, &value, &format!("set in {}", at_hand.compose));
            }
        }
    }
}
