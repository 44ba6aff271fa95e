//! Units of systemd, vassals of uWSGI's emperor and programs of supervisor, as their files say them.

use super::super::answer::Answer;
use super::variable::{self, Variable};

/// A setting that the script adds to those of a file.
const VARIABLES: &str = "X-Environment";

/// Something that is started on the host by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// `shop.service`; of a vassal or a program its own name.
    pub name: String,
    /// The file that says it.
    pub file: String,
    pub kind: Kind,
    /// Its settings in their order; later ones are of drop-ins.
    pub settings: Vec<(String, String)>,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Systemd,
    Vassal,
    Program,
}

impl Unit {
    /// The last value of a setting; an empty one takes back what was said before.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<&str> {
        let last = self.settings.iter().rev().find(|(own, _)| own == key);
        last.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a setting, since the last empty one.
    #[must_use]
    pub fn all(&self, key: &str) -> Vec<&str> {
        let mut values: Vec<&str> = Vec::new();
        for (_, value) in self.settings.iter().filter(|(own, _)| own == key) {
            if value.is_empty() {
                values.clear();
            } else {
                values.push(value);
            }
        }
        values
    }

    /// Who runs a service that does not say it.
    #[must_use]
    pub fn user_by_itself(&self) -> Option<String> {
        let is_dynamic = self.is_on("DynamicUser");
        let user = if is_dynamic { self.stem().split('@').next()? } else { "root" };
        (self.is_service() && self.last("User").is_none()).then(|| user.to_owned())
    }

    /// Variables that its own lines set, where the script says so: of a host that does not run.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let lines: Vec<String> = self.all(VARIABLES).into_iter().map(str::to_owned).collect();
        variable::of(&lines)
    }

    /// Whether it says yes, as systemd has it.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.last(key).is_some_and(|value| matches!(value, "yes" | "true" | "on" | "1"))
    }

    /// The command that it starts.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        let key = if self.kind == Kind::Program { "command" } else { "ExecStart" };
        // `-`, `+`, `!` and `@` say how it is started.
        self.last(key).map(|command| command.trim_start_matches(['-', '+', '!', ':', '@']))
    }

    /// Whether it is a timer of systemd.
    #[must_use]
    pub fn is_timer(&self) -> bool {
        self.kind == Kind::Systemd && self.name.strip_suffix(".timer").is_some()
    }

    /// Whether it is a service of systemd.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.kind == Kind::Systemd && self.name.strip_suffix(".service").is_some()
    }

    /// The template that it is an instance of, and which one: `shop` and `eu` of `shop@eu.service`.
    #[must_use]
    pub fn instance(&self) -> Option<(&str, &str)> {
        let (stem, _) = self.name.rsplit_once('.').filter(|_| self.kind == Kind::Systemd)?;
        stem.split_once('@')
    }

    /// The name without what says that it is a service.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.name.strip_suffix(".service").unwrap_or(&self.name)
    }
}

/// A command in words, as systemd and shells split them.
#[must_use]
pub(in crate::capture) fn words(command: &str) -> Vec<String> {
    shlex::split(command).unwrap_or_else(|| command.split_whitespace().map(str::to_owned).collect())
}

pub(super) fn of(answer: &Answer) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut current: Option<(String, String)> = None;
    let mut goes_on = String::new();
    for line in answer.lines("units") {
        if let Some(path) = line.strip_prefix("# ") {
            // `# /etc/systemd/system/shop@.service as shop@eu.service`
            let (path, instance) =
                path.rsplit_once(" as ").map_or((path, None), |(path, name)| (path, Some(name)));
            let drop_in = path.split_once(".d/").and_then(|(unit, _)| unit.rsplit_once('/'));
            let name = drop_in.or_else(|| path.rsplit_once('/')).map_or(path, |(_, name)| name);
            let name = instance.unwrap_or(name);
            current = Some((name.to_owned(), path.to_owned()));
            if !units.iter().any(|unit| unit.name == name) {
                units.push(Unit {
                    name: name.to_owned(),
                    file: path.to_owned(),
                    ..Unit::default()
                });
            }
            goes_on.clear();
            continue;
        }
        let Some((name, _)) = &current else { continue };
        let line = line.trim();
        if let Some(start) = line.strip_suffix('\\') {
            goes_on.push_str(start);
            goes_on.push(' ');
            continue;
        }
        let whole = std::mem::take(&mut goes_on) + line;
        if let (Some((key, value)), Some(unit)) =
            (whole.split_once('='), units.iter_mut().find(|unit| unit.name == *name))
        {
            unit.settings.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    for part in answer.parts("file").iter().filter(|part| part.code == 0) {
        units.extend(of_ini(&part.of, &part.lines));
    }
    units
}

/// A vassal is a file; programs of supervisor are sections of one.
fn of_ini(path: &str, lines: &[String]) -> Vec<Unit> {
    let is_vassal =
        path.contains("/uwsgi-emperor/vassals/") || path.contains("/uwsgi/apps-enabled/");
    let is_supervisor = path.contains("/supervisor/");
    if !is_vassal && !is_supervisor {
        return Vec::new();
    }
    let mut units: Vec<Unit> = Vec::new();
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.split_once('.').map_or(stem, |(stem, _)| stem);
    for line in lines.iter().map(|line| line.trim()) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let name = if is_vassal {
                (section == "uwsgi").then_some(stem)
            } else {
                section.strip_prefix("program:")
            };
            units.push(Unit {
                name: name.unwrap_or_default().to_owned(),
                file: path.to_owned(),
                kind: if is_vassal { Kind::Vassal } else { Kind::Program },
                settings: Vec::new(),
            });
        } else if let (Some((key, value)), Some(unit)) = (line.split_once('='), units.last_mut()) {
            unit.settings.push((
                key.trim().replace('_', if is_vassal { "-" } else { "_" }),
                value.trim().to_owned(),
            ));
        }
    }
    units.retain(|unit| !unit.name.is_empty());
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_a_template_are_units_each_with_what_is_put_over_it() {
        let text = "stagectl-capture 1\n= units\n|# /etc/systemd/system/shop@.service as shop@eu.service\n|[Service]\n|User=shop-eu\n\
                    |# /etc/systemd/system/shop@eu.service.d/more.conf as shop@eu.service\n|UMask=0027\n\
                    |# /etc/systemd/system/shop@.service as shop@us.service\n|User=shop-us\n. 0\nstagectl-capture end\n";
        let units = of(&Answer::read(text.as_bytes()).unwrap());
        let of_units: Vec<_> = units
            .iter()
            .map(|unit| (unit.stem(), unit.instance(), unit.last("User"), unit.last("UMask")))
            .collect();
        assert_eq!(
            of_units,
            [
                ("shop@eu", Some(("shop", "eu")), Some("shop-eu"), Some("0027")),
                ("shop@us", Some(("shop", "us")), Some("shop-us"), None)
            ]
        );
        assert_eq!(units[0].file, "/etc/systemd/system/shop@.service");
    }

    #[test]
    fn drop_ins_go_over_the_unit_and_lines_go_on() {
        let text = "stagectl-capture 1\n= units\n|# /etc/systemd/system/shop.service\n|[Service]\n|ExecStart=/venv/bin/gunicorn \\\n|  shop:app\n\
                    |Environment=SHOP_KEY SHOP_THEME\n|UMask=0022\n|# /etc/systemd/system/shop.service.d/more.conf\n|[Service]\n|UMask=0027\n\
                    |Environment=\n. 0\n= file /etc/supervisor/conf.d/board.conf\n|[program:board]\n|command=/opt/board/env/bin/waitress-serve x:y\n\
                    |[program:work]\n|command=/bin/w\n. 0\n= file /etc/uwsgi-emperor/vassals/one.ini\n|[uwsgi]\n|max_requests = 5\n. 0\nstagectl-capture end\n";
        let units = of(&Answer::read(text.as_bytes()).unwrap());
        let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        assert_eq!(names, ["shop.service", "board", "work", "one"]);
        assert_eq!(
            units[0].command().map(words),
            Some(vec!["/venv/bin/gunicorn".to_owned(), "shop:app".to_owned()])
        );
        assert_eq!(units[0].last("UMask"), Some("0027"));
        assert!(units[0].all("Environment").is_empty());
        assert_eq!(units[3].last("max-requests"), Some("5"));
    }
}
