//! What the diagnosis shall find of the host: the described facts, and no others.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::replica::host::facts::{is_without_ipv6, open_files, own_names, writable_folders};
use crate::replica::network::{Addresses, ordered};
use crate::site::{Bound, ByteSize, Clock, HostName, Limited, LoginHome, OwnerName, Site};

/// Each of these is a check of its own.
#[derive(Debug, Serialize)]
pub(in crate::replica) struct FactsJob {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserJob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<HostName>,
    /// Of `/tmp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tmp: Option<TemporaryJob>,
    /// Bytes of `/dev/shm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    shm: Option<ByteSize>,
    /// Soft and hard limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_files: Option<[u32; 2]>,
    /// The hard ones, by the kernel's words for them; a number of bytes, or `unlimited`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'static str, String>,
    /// Where the app can write under a read-only root.
    #[serde(skip_serializing_if = "Option::is_none")]
    writable: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockJob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lookup: Option<LookupJob>,
    /// Whether that is described.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    without_ipv6: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locales: Vec<String>,
    /// The zone that `/etc/localtime` leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    localtime: Option<String>,
    /// Of its own `/etc/hosts`: where each name leads.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hosts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    families: Option<FamiliesJob>,
}

/// The site's user, as `/etc/passwd` and `/etc/group` have it.
#[derive(Debug, Serialize)]
struct UserJob {
    home: Option<String>,
    /// Beside that of its login.
    groups: Vec<OwnerName>,
}

#[derive(Debug, Serialize)]
struct TemporaryJob {
    /// Bytes.
    size: Option<ByteSize>,
    /// Whether programs in it can be run.
    exec: bool,
}

/// What time the app has, in seconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum ClockJob {
    /// From the real time.
    Shift(i64),
    /// Since 1970, when the host starts.
    Moment(i64),
}

/// The lines of `/etc/resolv.conf`.
#[derive(Debug, Serialize)]
struct LookupJob {
    search: Vec<HostName>,
    options: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FamiliesJob {
    /// Every address of a name, in the order in which they are tried.
    names: BTreeMap<String, Vec<String>>,
}

impl FactsJob {
    #[must_use]
    pub(super) fn of(site: &Site, addresses: &Addresses) -> Self {
        let (host, account) = (&site.host, &site.account);
        let (search, options) = (&host.resolver.search, host.resolver.options());
        let hosts: BTreeMap<String, String> =
            own_names(site, addresses).map(|(name, address)| (name.to_string(), address)).collect();
        let mut names = ordered(site, addresses);
        names.retain(|name, _| !hosts.contains_key(name));
        FactsJob {
            user: (!account.says_nothing()).then(|| UserJob {
                home: account.home.as_ref().map(LoginHome::path),
                groups: account.groups.clone(),
            }),
            hostname: host.hostname.clone(),
            tmp: host.tmp.map(|tmp| TemporaryJob { size: tmp.size, exec: tmp.exec }),
            shm: host.shm,
            open_files: open_files(site),
            limits: limits(site),
            writable: host.read_only_root.then(|| writable_folders(site)),
            clock: host.clock.map(|clock| match clock {
                Clock::Shift(shift) => ClockJob::Shift(shift.as_secs()),
                Clock::Moment(moment) => ClockJob::Moment(moment.as_second()),
            }),
            lookup: (!search.is_empty() || !options.is_empty())
                .then(|| LookupJob { search: search.clone(), options }),
            without_ipv6: is_without_ipv6(site),
            locales: host.locales.clone(),
            localtime: host.localtime.clone(),
            hosts,
            families: (!names.is_empty()).then_some(FamiliesJob { names }),
        }
    }
}

fn limits(site: &Site) -> BTreeMap<&'static str, String> {
    let in_words = |(limited, bound): (&Limited, &Bound)| {
        let name = match limited {
            Limited::FileSize => "Max file size",
            Limited::Stack => "Max stack size",
            Limited::Data => "Max data size",
            Limited::LockedMemory => "Max locked memory",
            Limited::Core => "Max core file size",
        };
        let bound = match bound {
            Bound::Bytes(bytes) => bytes.to_string(),
            Bound::Unlimited => "unlimited".to_owned(),
        };
        (name, bound)
    };
    site.host.limits.iter().map(in_words).collect()
}
