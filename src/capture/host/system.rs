//! The system of a host: distribution, locale, zone, resolver, accounts, and who read it.

use std::collections::BTreeMap;

use super::super::answer::Answer;

/// An account of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
    pub home: String,
    pub shell: String,
    /// Groups that name it, beside its own.
    pub groups: Vec<String>,
}

/// What the host is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct System {
    /// Who read it.
    pub reader: String,
    pub is_root: bool,
    pub machine: String,
    pub hostname: String,
    /// `ID` and `ID_LIKE` of os-release.
    pub kinds: Vec<String>,
    pub name: String,
    /// `VERSION_CODENAME`.
    pub suite: Option<String>,
    /// `12.11`
    pub version: String,
    /// Variables of the system's locale.
    pub locale: BTreeMap<String, String>,
    /// Locales that it can make, as in `locale.gen`.
    pub locales: Vec<String>,
    pub timezone: Option<String>,
    /// Where `/etc/localtime` leads.
    pub localtime: Option<String>,
    pub resolver: Vec<String>,
    pub preference: Vec<String>,
    pub hosts: Vec<String>,
    pub accounts: BTreeMap<String, Account>,
    /// Groups by number.
    pub groups: BTreeMap<u32, String>,
    /// File systems: where, of what kind, with which options.
    pub mounts: Vec<(String, String, String)>,
    /// The sizes of `/tmp` and `/dev/shm` in KiB.
    pub rooms: BTreeMap<String, u64>,
}

impl System {
    pub(super) fn of(answer: &Answer) -> System {
        let me = answer.lines("me");
        let word = |number: usize| me.get(number).cloned().unwrap_or_default();
        let release = pairs(answer.lines("os"));
        let value = |key: &str| release.get(key).cloned();
        let kinds = [value("ID"), value("ID_LIKE")].into_iter().flatten();
        let kinds = kinds.flat_map(|text| text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let debian = answer.lines("debian").first().cloned().filter(|text| !text.is_empty());
        let zone = answer.lines("timezone");
        let zoneinfo =
            |text: &String| text.split_once("/zoneinfo/").map(|(_, zone)| zone.to_owned());
        System {
            reader: word(0),
            is_root: word(1) == "0",
            machine: word(3),
            hostname: word(4),
            kinds: kinds.filter(|kind| !kind.is_empty()).collect(),
            name: value("PRETTY_NAME")
                .or(value("NAME"))
                .unwrap_or_else(|| "an unknown system".to_owned()),
            suite: value("VERSION_CODENAME"),
            version: debian.or(value("VERSION_ID")).unwrap_or_default(),
            locale: pairs(answer.lines("locale")),
            locales: answer.lines("locales").iter().map(|line| line.trim().to_owned()).collect(),
            timezone: zone.first().filter(|zone| !zone.is_empty()).cloned(),
            localtime: zone.iter().skip(1).find_map(zoneinfo),
            resolver: answer.lines("resolver").to_vec(),
            preference: answer.lines("preference").to_vec(),
            hosts: answer.lines("hosts").to_vec(),
            accounts: accounts(answer),
            groups: groups(answer).map(|(name, number, _)| (number, name)).collect(),
            mounts: answer.lines("mounts").iter().filter_map(|line| three(line)).collect(),
            rooms: rooms(answer.lines("rooms")),
        }
    }

    /// Whether it is a Debian, or made of one.
    #[must_use]
    pub fn is_debian_like(&self) -> bool {
        self.kinds.iter().any(|kind| kind == "debian" || kind == "ubuntu")
    }

    /// Whether it is Debian itself.
    #[must_use]
    pub fn is_debian(&self) -> bool {
        self.kinds.first().is_some_and(|kind| kind == "debian")
    }

    /// The account's name of a user's number.
    #[must_use]
    pub fn name_of(&self, uid: u32) -> Option<&str> {
        self.accounts.iter().find(|(_, account)| account.uid == uid).map(|(name, _)| name.as_str())
    }
}

/// `KEY=value` lines, the values without their quotes.
fn pairs(lines: &[String]) -> BTreeMap<String, String> {
    let read = lines.iter().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        Some((key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
    });
    read.collect()
}

pub(super) fn three(line: &str) -> Option<(String, String, String)> {
    let mut words = line.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()?, words.next()?))
}

fn rooms(lines: &[String]) -> BTreeMap<String, u64> {
    let read = lines.iter().filter_map(|line| {
        let (path, size) = line.split_once(' ')?;
        Some((path.to_owned(), size.parse().ok()?))
    });
    read.collect()
}

fn groups(answer: &Answer) -> impl Iterator<Item = (String, u32, Vec<String>)> + '_ {
    answer.lines("groups").iter().filter_map(|line| {
        let mut words = line.split(':');
        let (name, number) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
        let members = words.next().unwrap_or_default().split(',').filter(|name| !name.is_empty());
        Some((name, number, members.map(str::to_owned).collect()))
    })
}

fn accounts(answer: &Answer) -> BTreeMap<String, Account> {
    let groups: Vec<(String, u32, Vec<String>)> = groups(answer).collect();
    let read = answer.lines("users").iter().filter_map(|line| {
        let mut words = line.split(':');
        let name = words.next()?.to_owned();
        let (uid, gid) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let (home, shell) = (words.next()?.to_owned(), words.next()?.to_owned());
        let member = |(group, _, members): &(String, u32, Vec<String>)| {
            members.contains(&name).then(|| group.clone())
        };
        let groups = groups.iter().filter_map(member).collect();
        Some((name, Account { uid, gid, home, shell, groups }))
    });
    read.collect()
}
