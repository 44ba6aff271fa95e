//! The lines of PostgreSQL's `pg_hba.conf`: who may come from where, and what is asked of them. The first
//! line that fits is the one that holds. (<https://www.postgresql.org/docs/current/auth-pg-hba-conf.html>)

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

const KINDS: [&str; 6] = ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];
const METHODS: [&str; 13] = [
    "trust",
    "reject",
    "scram-sha-256",
    "md5",
    "password",
    "gss",
    "sspi",
    "ident",
    "peer",
    "ldap",
    "radius",
    "cert",
    "pam",
];

/// The address that is called `app`: wherever the app's host is in a replica.
pub const APP_ADDRESS: &str = "app";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HbaRule {
    pub kind: String,
    databases: String,
    users: String,
    /// Not of a `local` line.
    pub address: Option<String>,
    pub method: String,
    options: String,
}

/// Who comes.
#[derive(Debug, Clone, Copy)]
pub struct Comer<'a> {
    pub database: &'a str,
    pub user: &'a str,
    pub address: Ipv4Addr,
    pub has_tls: bool,
}

/// What the lines say of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// To prove who they are in this way.
    For(String),
    /// No line fits.
    Nobody,
    /// Files, groups, patterns and host names are not followed.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes,
    No,
    Unknown,
}

impl HbaRule {
    /// # Errors
    /// What is wrong with the line, in words.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut words = words(line).into_iter();
        let mut next = |what: &str| words.next().ok_or_else(|| format!("`{line}` has no {what}"));
        let kind = next("kind")?;
        if !KINDS.contains(&kind.as_str()) {
            return Err(format!("`{kind}` is none of {}", KINDS.join(", ")));
        }
        let (databases, users) = (next("database")?, next("user")?);
        let mut address = None;
        if kind != "local" {
            let first = next("address")?;
            if METHODS.contains(&first.as_str()) {
                return Err(format!("`{line}` has no address"));
            }
            address = Some(match first.parse::<IpAddr>() {
                // A mask of its own.
                Ok(IpAddr::V4(ip)) => {
                    let mask = next("mask")?;
                    let mask: Ipv4Addr =
                        mask.parse().map_err(|_| format!("`{mask}` is no mask of `{ip}`"))?;
                    format!("{ip}/{}", u32::from(mask).count_ones())
                }
                Ok(IpAddr::V6(_)) => return Err(format!("`{first}` has no length: `{first}/128`")),
                Err(_) => first,
            });
        }
        let method = next("method")?;
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("`{method}` is none of {}", METHODS.join(", ")));
        }
        if method == "peer" && kind != "local" {
            return Err("only a `local` line can be `peer`".to_owned());
        }
        let options = words.collect::<Vec<_>>().join(" ");
        Ok(HbaRule { kind, databases, users, address, method, options })
    }

    /// The line with another address.
    #[must_use]
    pub fn at(&self, address: &str) -> HbaRule {
        HbaRule { address: Some(address.to_owned()), ..self.clone() }
    }

    /// Whether the line is about the user and the database, wherever they come from.
    #[must_use]
    pub fn is_about(&self, database: &str, user: &str) -> bool {
        self.fits_names(database, user) == Fits::Yes
    }

    /// Whether its address is that of one host, or a few, which cannot be in a replica.
    #[must_use]
    pub fn is_from_elsewhere(&self, address: Ipv4Addr) -> bool {
        let network = self.address.as_deref().and_then(|text| text.parse::<Ipv4Net>().ok());
        network
            .is_some_and(|network| !network.contains(&address) && !network.network().is_loopback())
    }

    fn fits_names(&self, database: &str, user: &str) -> Fits {
        let of_database = |item: &str| match item {
            "sameuser" => Some(database == user),
            "samerole" | "samegroup" => None,
            "replication" => Some(false),
            _ => is_same_name(item, database),
        };
        both(
            fits_any(&self.databases, of_database),
            fits_any(&self.users, |item| is_same_name(item, user)),
        )
    }

    fn fits(&self, comer: Comer<'_>) -> Fits {
        let is_kind = match self.kind.as_str() {
            "host" | "hostnogssenc" => Fits::Yes,
            "hostssl" if comer.has_tls => Fits::Yes,
            "hostnossl" if !comer.has_tls => Fits::Yes,
            _ => Fits::No,
        };
        let address = match self.address.as_deref() {
            Some("all" | "samenet") => Fits::Yes,
            Some("samehost") | None => Fits::No,
            Some(text) => match text.parse::<Ipv4Net>() {
                Ok(network) if network.contains(&comer.address) => Fits::Yes,
                Ok(_) => Fits::No,
                Err(_) if text.contains(':') => Fits::No,
                Err(_) => Fits::Unknown,
            },
        };
        both(both(is_kind, self.fits_names(comer.database, comer.user)), address)
    }
}

impl std::fmt::Display for HbaRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = self.address.as_deref().unwrap_or_default();
        let all = [&self.kind, &self.databases, &self.users, address, &self.method, &self.options];
        let words: Vec<&str> = all.into_iter().filter(|word| !word.is_empty()).collect();
        formatter.write_str(&words.join(" "))
    }
}

/// What is asked of somebody who comes over the network.
#[must_use]
pub fn asked<'a>(rules: impl IntoIterator<Item = &'a HbaRule>, comer: Comer<'_>) -> Asked {
    for rule in rules {
        match rule.fits(comer) {
            Fits::Yes if rule.method == "reject" => return Asked::Nobody,
            Fits::Yes => return Asked::For(rule.method.clone()),
            Fits::No => {}
            Fits::Unknown => return Asked::Unknown,
        }
    }
    Asked::Nobody
}

/// The words of a line; a list is one word, and so is what stands in quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_quoted) = (String::new(), false);
    for letter in line.chars() {
        match letter {
            '#' if !is_quoted => break,
            letter if letter.is_whitespace() && !is_quoted => {
                if !word.is_empty() && !word.ends_with(',') {
                    words.push(std::mem::take(&mut word));
                }
            }
            ',' if !is_quoted && word.is_empty() && !words.is_empty() => {
                word = words.pop().unwrap_or_default() + ",";
            }
            letter => {
                is_quoted ^= letter == '"';
                word.push(letter);
            }
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// Whether one of a list fits.
fn fits_any(list: &str, fits: impl Fn(&str) -> Option<bool>) -> Fits {
    let mut seen = Fits::No;
    for item in list.split(',') {
        match fits(item) {
            Some(true) => return Fits::Yes,
            Some(false) => {}
            None => seen = Fits::Unknown,
        }
    }
    seen
}

/// Whether a word means a name; `None` for files, groups and patterns.
fn is_same_name(item: &str, name: &str) -> Option<bool> {
    match item {
        "all" => Some(true),
        _ if item.starts_with(['+', '@', '/']) => None,
        _ => Some(item.trim_matches('"') == name),
    }
}

fn both(one: Fits, two: Fits) -> Fits {
    match (one, two) {
        (Fits::No, _) | (_, Fits::No) => Fits::No,
        (Fits::Yes, Fits::Yes) => Fits::Yes,
        _ => Fits::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comer(user: &str, has_tls: bool) -> Comer<'_> {
        Comer { database: "shop", user, address: Ipv4Addr::new(10, 231, 0, 3), has_tls }
    }

    #[test]
    fn the_first_line_that_fits_holds() {
        let rules = [
            "local all all peer",
            "host all backup 10.9.0.0/16 trust",
            "hostssl shop, desk  shop all scram-sha-256  # with TLS",
            "host shop,desk shop 10.231.0.0 255.255.0.0 md5",
            "host \"sh op\" shop all password",
            "host shop reporting all reject",
            "host shop +staff all ldap ldapserver=ldap.internal",
            "host all all all gss",
        ];
        let rules: Vec<HbaRule> = rules.iter().map(|line| HbaRule::parse(line).unwrap()).collect();
        let find_method = |user: &str, has_tls| asked(&rules, comer(user, has_tls));
        assert_eq!(find_method("shop", true), Asked::For("scram-sha-256".to_owned()));
        assert_eq!(find_method("shop", false), Asked::For("md5".to_owned()));
        assert_eq!(find_method("reporting", false), Asked::Nobody);
        assert_eq!(find_method("backup", false), Asked::Unknown);
        assert_eq!(asked(&rules[..5], comer("backup", false)), Asked::Nobody);
        assert!(rules[1].is_from_elsewhere(comer("backup", false).address));
        assert!(!rules[3].is_from_elsewhere(comer("backup", false).address));
        assert_eq!(rules[3].to_string(), "host shop,desk shop 10.231.0.0/16 md5");
        assert_eq!(
            rules[6].at("10.0.0.1/32").to_string(),
            "host shop +staff 10.0.0.1/32 ldap ldapserver=ldap.internal"
        );
    }

    #[test]
    fn what_is_no_line_is_said() {
        let table = [
            (
                "hots all all all md5",
                "`hots` is none of local, host, hostssl, hostnossl, hostgssenc, hostnogssenc",
            ),
            ("host all all md5", "`host all all md5` has no address"),
            ("host all all all peer", "only a `local` line can be `peer`"),
            ("local all all", "`local all all` has no method"),
            ("host all all ::1 md5", "`::1` has no length: `::1/128`"),
            ("host all all 10.0.0.1 md5", "`md5` is no mask of `10.0.0.1`"),
            ("# nothing", "`# nothing` has no kind"),
        ];
        for (line, expected) in table {
            assert_eq!(HbaRule::parse(line).unwrap_err(), expected, "{line}");
        }
        assert!(
            HbaRule::parse("local all all sha").unwrap_err().starts_with("`sha` is none of trust")
        );
    }
}
