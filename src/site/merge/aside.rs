//! Keys that exclude each other: what a site says puts aside what the defaults say instead.
//!
//! So a site may choose another kind of service, another certificate or another server than the defaults, and
//! need not take away, with `null`, each key that the defaults say of theirs.

use crate::site::kind::{BASE_ORIGINS, OTHER, kinds_with_key};
use crate::site::problem::KeyPath;
use crate::site::tree::{Map, Node, Value};

/// What a site says, and the keys of the defaults that do not hold then.
struct Rule {
    at: &'static [&'static str],
    said: Said,
    aside: &'static [&'static str],
}

/// What makes a rule hold.
enum Said {
    /// The site has one of these keys.
    One(&'static [&'static str]),
    /// The same, and the defaults have none of them.
    New(&'static [&'static str]),
    /// The key has one of these words in the site, and another one in the defaults, where it has this word if it is
    /// left out.
    Other(&'static str, &'static [&'static str], Option<&'static str>),
    /// The site has the first key, and the second one has this word after merging.
    With(&'static str, &'static str, &'static str),
    /// The same, and it has not.
    Unless(&'static str, &'static str, &'static str),
}

const CERTIFICATES: [&[&str]; 2] = [&["tls", "certificate"], &["tls", "next"]];

/// The rules of a certificate. A copy of a live one is of another kind than one that is described key by key.
const OF_A_CERTIFICATE: [(Said, &[&str]); 8] = [
    (
        Said::New(&["like"]),
        &[
            "names",
            "common_name",
            "key",
            "signature",
            "intermediates",
            "send_intermediates",
            "valid",
            "expires_in",
            "self_signed",
            "chain",
            "version",
            "serial",
            "subject",
            "extensions",
        ],
    ),
    (Said::One(&["names", "common_name", "self_signed", "chain"]), &["like"]),
    (Said::One(&["names"]), &["common_name"]),
    (Said::One(&["common_name"]), &["names"]),
    (Said::One(&["valid"]), &["expires_in"]),
    (Said::One(&["expires_in"]), &["valid"]),
    (Said::One(&["intermediates"]), &["chain"]),
    (Said::One(&["chain"]), &["intermediates"]),
];

const SELF_SIGNED: &[&str] = &["intermediates", "send_intermediates", "chain", "signature"];

const RULES: &[Rule] = &[
    Rule {
        at: &["secrets", "*"],
        said: Said::One(&["generate"]),
        aside: &["from_env", "from_file"],
    },
    Rule {
        at: &["secrets", "*"],
        said: Said::One(&["from_env"]),
        aside: &["generate", "from_file"],
    },
    Rule {
        at: &["secrets", "*"],
        said: Said::One(&["from_file"]),
        aside: &["generate", "from_env"],
    },
    Rule { at: &["tls"], said: Said::One(&["certificates"]), aside: &["certificate", "next"] },
    Rule { at: &["tls"], said: Said::One(&["certificate"]), aside: &["certificates"] },
    Rule {
        at: &["tls", "authority"],
        said: Said::New(&["like"]),
        aside: &["key", "signature", "valid", "version", "serial", "subject", "extensions"],
    },
    Rule {
        at: &["tls", "authority"],
        said: Said::One(&[
            "key",
            "signature",
            "valid",
            "version",
            "serial",
            "subject",
            "extensions",
        ]),
        aside: &["like"],
    },
    Rule { at: &["critical"], said: Said::One(&["run"]), aside: &["select"] },
    Rule { at: &["critical"], said: Said::One(&["select"]), aside: &["run"] },
    // Beside a command, a path says what is brought along.
    Rule { at: &["critical"], said: Said::New(&["path"]), aside: &["run"] },
    Rule { at: &["wsgi"], said: Said::One(&["application"]), aside: &["file"] },
    Rule { at: &["wsgi"], said: Said::One(&["file"]), aside: &["application"] },
    Rule { at: &["wsgi"], said: Said::One(&["listen"]), aside: &["socket"] },
    Rule { at: &["wsgi"], said: Said::One(&["socket"]), aside: &["listen"] },
    Rule {
        at: &["wsgi"],
        said: Said::Other("server", &["gunicorn", "uwsgi", "waitress", "mod_wsgi"], None),
        aside: &["from", "options", "config"],
    },
    Rule {
        at: &["wsgi"],
        said: Said::Other("server", &["gunicorn", "uwsgi", "waitress"], None),
        aside: &["application_group", "pass_authorization"],
    },
    Rule {
        at: &["wsgi"],
        said: Said::Other("server", &["gunicorn", "waitress"], None),
        aside: &["file", "mounts"],
    },
    Rule {
        at: &["wsgi"],
        said: Said::Other("server", &["mod_wsgi"], None),
        aside: &["socket", "listen", "systemd"],
    },
    // A live `uwsgi.ini` says all of it; a `gunicorn.conf.py` may leave it to the command line.
    Rule {
        at: &["wsgi"],
        said: Said::With("config", "server", "uwsgi"),
        aside: &["workers", "threads", "umask", "mounts", "options"],
    },
    Rule {
        at: &["proxy"],
        said: Said::Other("server", &["nginx", "apache", "none"], Some("nginx")),
        aside: &["config", "headers", "modules"],
    },
    Rule {
        at: &["proxy"],
        said: Said::Other("server", &["none"], Some("nginx")),
        aside: &[
            "static", "media", "folders", "body", "timeout", "hsts", "http", "host", "systemd",
        ],
    },
    Rule { at: &["proxy"], said: Said::One(&["config"]), aside: &["media", "headers", "timeout"] },
    // Such a proxy has the folders of `static` beside its configuration.
    Rule { at: &["proxy"], said: Said::Unless("config", "host", "own"), aside: &["static"] },
    Rule { at: &["services", "*"], said: Said::One(&["image"]), aside: &["packages", "debian"] },
    Rule { at: &["services", "*"], said: Said::One(&["packages"]), aside: &["image"] },
    Rule {
        at: &["services", "*"],
        said: Said::Other("host", &["app"], Some("own")),
        aside: &["weather"],
    },
    Rule { at: &["services", "*"], said: Said::One(&["weather"]), aside: &["host"] },
    Rule {
        at: &["services", "*", "weather"],
        said: Said::Other("black_hole", &["true"], Some("false")),
        aside: &["latency", "jitter", "loss", "rate", "cut_after"],
    },
];

/// The keys of the defaults' map at a path that do not hold any more, by what the site's map there says.
pub(super) fn put_aside(path: &KeyPath, defaults: &Map, site: &Map) -> Vec<String> {
    let maps = Maps { defaults, site };
    let mut aside: Vec<&str> = Vec::new();
    for rule in RULES.iter().filter(|rule| path.is(rule.at) && maps.meet(&rule.said)) {
        aside.extend(rule.aside);
    }
    if CERTIFICATES.iter().any(|place| path.is(place)) {
        for (_, keys) in OF_A_CERTIFICATE.iter().filter(|(said, _)| maps.meet(said)) {
            aside.extend(*keys);
        }
        if maps.meet(&Said::Other("self_signed", &["true"], Some("false"))) {
            aside.extend(SELF_SIGNED);
        }
    }
    if path.is(&["base"]) {
        aside.extend(of_another_base(maps));
    }
    if path.is(&["services", "*"]) {
        aside.extend(of_another_kind(maps));
    }
    aside.into_iter().map(str::to_owned).collect()
}

/// The keys of a base that starts from something else than the site's.
fn of_another_base(maps: Maps<'_>) -> Vec<&'static str> {
    let is_said = BASE_ORIGINS.iter().any(|(key, _)| maps.site_has(key));
    let others = BASE_ORIGINS.iter().filter(|(key, _)| is_said && !maps.site_has(key));
    others.flat_map(|(key, own)| own.iter().chain([key]).copied()).collect()
}

/// The keys of a service that is of another kind than the site's.
fn of_another_kind(maps: Maps<'_>) -> Vec<&str> {
    let mut kinds = kinds_with_key(|key| maps.site_has(key));
    // Alone, its packages or image may be those of the kind that the defaults say.
    if maps.site_has("command") {
        kinds.push(&OTHER);
    }
    let was = kinds_with_key(|key| maps.defaults_have(key));
    let is_known = kinds.iter().any(|kind| was.contains(kind));
    let may_be_the_same = was.is_empty() && kinds.contains(&&OTHER);
    if kinds.is_empty() || is_known || may_be_the_same {
        return Vec::new();
    }
    let keys = maps.defaults.entries.iter().map(|entry| entry.key.as_str());
    // Two kinds of a site are a problem, which is reported of those two alone.
    keys.filter(|key| !kinds.iter().any(|kind| kind.keeps(key))).collect()
}

/// What stands at the same place in the defaults and in a site.
#[derive(Clone, Copy)]
struct Maps<'a> {
    defaults: &'a Map,
    site: &'a Map,
}

impl<'a> Maps<'a> {
    fn meet(self, said: &Said) -> bool {
        match said {
            Said::One(keys) => keys.iter().any(|key| self.site_has(key)),
            Said::New(keys) => {
                keys.iter().any(|key| self.site_has(key))
                    && !keys.iter().any(|key| self.defaults_have(key))
            }
            Said::Other(key, words, usual) => {
                let was = word(self.defaults, key).or(*usual);
                word(self.site, key)
                    .is_some_and(|is| words.contains(&is) && was.is_some_and(|was| was != is))
            }
            Said::With(key, other, wanted) => {
                self.site_has(key) && self.merged(other) == Some(*wanted)
            }
            Said::Unless(key, other, unwanted) => {
                self.site_has(key) && self.merged(other) != Some(*unwanted)
            }
        }
    }

    fn merged(self, key: &str) -> Option<&'a str> {
        word(self.site, key).or_else(|| word(self.defaults, key))
    }

    /// Whether the site says something with the key, even if it is wrong: `null` and `[]` say nothing.
    fn site_has(self, key: &str) -> bool {
        has(self.site, key)
    }

    fn defaults_have(self, key: &str) -> bool {
        has(self.defaults, key)
    }
}

fn has(map: &Map, key: &str) -> bool {
    let is_said = |node: &Node| match &node.value {
        Value::List(items) => !items.is_empty(),
        _ => !node.is_null(),
    };
    map.get(key).is_some_and(is_said) || map.spoiled.iter().any(|spoiled| spoiled == key)
}

fn word<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    match &map.get(key)?.value {
        Value::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}
