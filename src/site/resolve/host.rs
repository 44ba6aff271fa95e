//! `host`, and what its facts mean for other keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::value::{Complaint, Judged};
use super::{Resolver, amount, value};
use crate::site::duration::parse_shift;
use crate::site::file::{HostFile, LimitsFile, LookupFile, SiteFile, TemporaryFile};
use crate::site::model::{
    AddressFamily, Base, Bound, Clock, Host, Limited, Lookup, OpenFiles, Resources, Temporary,
};
use crate::site::problem::KeyPath;
use crate::site::value::{ByteSize, HostName};

/// What Linux takes for the name of a host.
const LONGEST_HOSTNAME: usize = 64;
/// The site's root certificate is good for about ten years.
const FARTHEST_DAYS: i64 = 3000;
const DAY: i64 = 86_400;

impl Resolver<'_> {
    pub(super) fn host(
        &mut self,
        file: &SiteFile,
        base: Option<&Base>,
        resources: Option<&Resources>,
    ) -> Option<Host> {
        let written = &file.host;
        let path = KeyPath::from(["host"]);
        let hostname = self.hostname(&path, file);
        let tmp = match &written.tmp {
            Some(tmp) => self.temporary(&path.key("tmp"), tmp, file).map(Some),
            None => Some(None),
        };
        let shm = self.take_some(&path.key("shm"), written.shm.as_deref(), amount::size);
        let open_files = written.open_files.as_ref().map(|text| text.0.as_str());
        let open_files = self.take_some(&path.key("open_files"), open_files, open_files_limit);
        let limits = self.limits(&path.key("limits"), &written.limits);
        let writable = self.writable(&path, written);
        let locales = self.locales(&path.key("locales"), &written.locales);
        let localtime = written.localtime.as_deref();
        let localtime = self.take_some(&path.key("localtime"), localtime, value::timezone);
        let hosts = self.own_names(&path.key("hosts"), file);
        let way_out = self.way_out(&path.key("way_out"), file);
        let described = localtime.as_ref().and_then(Option::as_ref);
        let timezone = described.or(base.map(|base| &base.timezone)).map_or("UTC", String::as_str);
        let clock = self.take_some(&path.key("clock"), written.clock.as_deref(), |text| {
            clock(text, timezone, Timestamp::now())
        });
        let resolver = self.lookup(&path.key("resolver"), &written.resolver);
        if let Some(resources) = resources {
            let sizes = [
                ("/tmp", path.key("tmp").key("size"), tmp.flatten().and_then(|tmp| tmp.size)),
                ("/dev/shm", path.key("shm"), shm.flatten()),
            ];
            for (folder, at, size) in sizes {
                self.fits_memory(folder, &at, size, resources);
            }
        }
        Some(Host {
            hostname: hostname?,
            tmp: tmp?,
            shm: shm?,
            open_files: open_files?,
            limits: limits?,
            read_only_root: written.read_only_root,
            writable: writable?,
            clock: clock?,
            locales: locales?,
            localtime: localtime?,
            hosts: hosts?,
            way_out: way_out?,
            resolver: resolver?,
        })
    }

    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    fn hostname(&mut self, path: &KeyPath, file: &SiteFile) -> Option<Option<HostName>> {
        let path = path.key("hostname");
        let hostname = self.take_some(&path, file.host.hostname.as_deref(), |text| {
            let name = value::host(text)?;
            if text.len() > LONGEST_HOSTNAME {
                let longest = format!("`{text}` has more than {LONGEST_HOSTNAME} characters");
                return Err(Complaint::new(longest).hint("write the first label alone"));
            }
            Ok(name)
        })?;
        let hostname_text = hostname.as_ref().map(HostName::as_str);
        let owner = file.services.iter().find(|(role, service)| match &service.names {
            Some(names) => names.iter().any(|name| Some(name.as_str()) == hostname_text),
            None => Some(role.as_str()) == hostname_text,
        });
        if let (Some(name), Some((role, _))) = (hostname_text, owner) {
            let complaint = Complaint::new(format!("`{name}` is a name of the service {role}"));
            let hint = "a host finds itself under its own name: write another one";
            self.complain(&path, complaint.hint(hint));
        }
        Some(hostname)
    }

    fn temporary(
        &mut self,
        path: &KeyPath,
        written: &TemporaryFile,
        file: &SiteFile,
    ) -> Option<Temporary> {
        let size = self.take_some(&path.key("size"), written.size.as_deref(), amount::size);
        let files = file.files.iter().enumerate().filter_map(|(index, file)| {
            Some((KeyPath::from(["files"]).key(index).key("path"), file.path.as_deref()?))
        });
        let data = file.data.iter().enumerate();
        let data = data.filter_map(|(index, folder)| {
            Some((KeyPath::from(["data"]).key(index), folder.path()?))
        });
        let hidden: Vec<(KeyPath, &str)> =
            files.chain(data).filter(|(_, path)| Path::new(path).starts_with("/tmp")).collect();
        for (at, _) in hidden {
            let complaint = Complaint::new("`host.tmp` makes `/tmp` empty at the start");
            self.complain(&at, complaint.hint("name another folder, or take `host.tmp` out"));
        }
        Some(Temporary { size: size?, exec: written.exec })
    }

    fn fits_memory(
        &mut self,
        folder: &str,
        at: &KeyPath,
        size: Option<ByteSize>,
        resources: &Resources,
    ) {
        if size.is_some_and(|size| size >= resources.memory) {
            let message = format!(
                "`{folder}` is in memory, and the app has no more than `resources.memory`: it would \
                 be killed before `{folder}` is full"
            );
            let hint = "make it smaller, or give the app more memory";
            self.complain(at, Complaint::new(message).hint(hint));
        }
    }

    fn limits(&mut self, path: &KeyPath, written: &LimitsFile) -> Option<BTreeMap<Limited, Bound>> {
        let table = [
            ("file_size", Limited::FileSize, &written.file_size),
            ("stack", Limited::Stack, &written.stack),
            ("data", Limited::Data, &written.data),
            ("locked_memory", Limited::LockedMemory, &written.locked_memory),
            ("core", Limited::Core, &written.core),
        ];
        let mut limits = Some(BTreeMap::new());
        for (key, limited, text) in table {
            let Some(text) = text else { continue };
            match (self.take(&path.key(key), bound(&text.0)), &mut limits) {
                (Some(bound), Some(limits)) => {
                    limits.insert(limited, bound);
                }
                (_, limits) => *limits = None,
            }
        }
        limits
    }

    fn writable(&mut self, path: &KeyPath, written: &HostFile) -> Option<Vec<PathBuf>> {
        let at = path.key("writable");
        self.no_twins(&at, &written.writable);
        if !written.writable.is_empty() && !written.read_only_root {
            let complaint = Complaint::new("the root is writable as a whole");
            self.complain_of_key(&at, complaint.hint("write `read_only_root: true`, too"));
        }
        self.take_all(&at, &written.writable, value::site_path)
    }

    fn lookup(&mut self, path: &KeyPath, written: &LookupFile) -> Option<Lookup> {
        let families = match &written.families {
            Some(listed) => self.take(&path.key("families"), families_of(listed)).map(Some),
            None => Some(None),
        };
        let search = self.take_all(&path.key("search"), &written.search, value::host);
        self.no_twins(&path.key("search"), &written.search);
        Some(Lookup {
            families: families?,
            search: search?,
            ndots: written.ndots,
            timeout: written.timeout,
            attempts: written.attempts,
        })
    }
}

/// `[ipv4]`, or both in the order in which they are tried.
fn families_of(listed: &[AddressFamily]) -> Judged<Vec<AddressFamily>> {
    match listed {
        [] => Err(Complaint::new("a host has at least one address family")
            .hint("write `[ipv4]`, or both, the one that is tried first in front: [ipv6, ipv4]")),
        [AddressFamily::Ipv6] => Err(Complaint::new(
            "every container of Docker has an IPv4 address, so no replica is without",
        )
        .hint("write `[ipv6, ipv4]`: names have addresses of both, and IPv6 is tried first")),
        [one, others @ ..] if others.contains(one) || others.len() > 1 => {
            Err(Complaint::new("a family is there twice").hint("write each of them once"))
        }
        _ => Ok(listed.to_vec()),
    }
}

/// `1024`, or `1024:524288`.
fn open_files_limit(text: &str) -> Judged<OpenFiles> {
    let (soft, hard) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| (64..=1 << 30).contains(n));
    match (number(soft), number(hard)) {
        (Some(soft), Some(hard)) if soft <= hard => Ok(OpenFiles { soft, hard }),
        (Some(_), Some(_)) => Err(Complaint::new(format!("`{text}` begins above its end"))
            .hint("write what a process has at first, and to what it may raise it: 1024:524288")),
        _ => Err(Complaint::new(format!("`{text}` is not a number of files, 64 at least"))
            .hint("write a number, or two as systemd does: 1024:524288")),
    }
}

/// `0`, `64KiB`, `8MiB`, `unlimited`.
fn bound(text: &str) -> Judged<Bound> {
    match text {
        "unlimited" => return Ok(Bound::Unlimited),
        "0" => return Ok(Bound::Bytes(0)),
        _ => {}
    }
    let has_unit = text.ends_with('B');
    match text.parse::<bytesize::ByteSize>() {
        Ok(size) if has_unit && size.as_u64() <= 1 << 50 => Ok(Bound::Bytes(size.as_u64())),
        _ => Err(Complaint::new(format!("`{text}` is not a limit"))
            .hint("write a number and its unit, 0 or unlimited: 64KiB, 8MiB")),
    }
}

/// `+400d`, `-2h`, or a day and a time of the site's zone, or one with its own.
fn clock(text: &str, timezone: &str, now: Timestamp) -> Judged<Clock> {
    let wrong = || {
        Complaint::new(format!("`{text}` is neither a shift nor a moment"))
            .hint("write +400d, -2h, +30min, or 2027-03-01T09:00")
    };
    let clock = if text.starts_with(['+', '-']) {
        Clock::Shift(parse_shift(text).ok_or_else(wrong)?)
    } else if let Ok(moment) = text.parse::<Timestamp>() {
        Clock::Moment(moment)
    } else {
        let civil: DateTime = text.parse().map_err(|_| wrong())?;
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        Clock::Moment(zone.to_timestamp(civil).map_err(|_| wrong())?)
    };
    let shift = match clock {
        Clock::Shift(shift) => shift,
        Clock::Moment(moment) => moment.duration_since(now),
    };
    if shift.as_secs() > FARTHEST_DAYS * DAY {
        let message = format!("`{text}` is more than {FARTHEST_DAYS} days ahead");
        return Err(Complaint::new(message).hint("the rehearsal's own root ends before that"));
    }
    if shift.as_secs() < -FARTHEST_DAYS * DAY {
        return Err(Complaint::new(format!("`{text}` is more than {FARTHEST_DAYS} days ago")));
    }
    Ok(clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_or_message<T: std::fmt::Display>(judged: &Judged<T>) -> String {
        match judged {
            Ok(value) => value.to_string(),
            Err(Complaint { message, .. }) => message.clone(),
        }
    }

    #[test]
    fn a_clock_is_a_shift_or_a_moment() {
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        let table = [
            ("+400d", "+400d"),
            ("-2h", "-2h"),
            ("+48h", "+2d"),
            ("+90min", "+90min"),
            ("2027-03-01T09:00", "2027-03-01T08:00:00Z"),
            ("2027-07-01 09:00:30", "2027-07-01T07:00:30Z"),
            ("2027-03-01", "2027-02-28T23:00:00Z"),
            ("2027-03-01T09:00:00Z", "2027-03-01T09:00:00Z"),
            ("+4000d", "`+4000d` is more than 3000 days ahead"),
            ("2001-01-01", "`2001-01-01` is more than 3000 days ago"),
            ("+400", "`+400` is neither a shift nor a moment"),
            ("+d", "`+d` is neither a shift nor a moment"),
            ("+1m", "+1min"),
            ("tomorrow", "`tomorrow` is neither a shift nor a moment"),
            ("+9223372036854775807d", "`+9223372036854775807d` is neither a shift nor a moment"),
        ];
        for (text, expected) in table {
            assert_eq!(value_or_message(&clock(text, "Europe/Berlin", now)), expected, "{text}");
        }
    }

    #[test]
    fn families_are_one_or_both_in_their_order() {
        use AddressFamily::{Ipv4, Ipv6};
        let twice = "a family is there twice";
        let table: [(&[AddressFamily], Result<(), &str>); 7] = [
            (&[Ipv4], Ok(())),
            (&[Ipv6, Ipv4], Ok(())),
            (&[Ipv4, Ipv6], Ok(())),
            (&[], Err("a host has at least one address family")),
            (
                &[Ipv6],
                Err("every container of Docker has an IPv4 address, so no replica is without"),
            ),
            (&[Ipv4, Ipv4], Err(twice)),
            (&[Ipv6, Ipv4, Ipv4], Err(twice)),
        ];
        for (listed, expected) in table {
            let judged = families_of(listed);
            match expected {
                Ok(()) => assert_eq!(judged.ok().as_deref(), Some(listed)),
                Err(message) => assert_eq!(judged.unwrap_err().message, message, "{listed:?}"),
            }
        }
    }

    #[test]
    fn open_files_are_one_number_or_two() {
        let table = [
            ("1024", "1024"),
            ("1024:524288", "1024:524288"),
            ("2048:1024", "`2048:1024` begins above its end"),
            ("10", "`10` is not a number of files, 64 at least"),
            ("many", "`many` is not a number of files, 64 at least"),
        ];
        for (text, expected) in table {
            assert_eq!(value_or_message(&open_files_limit(text)), expected, "{text}");
        }
    }

    #[test]
    fn limits_have_units() {
        let table = [
            ("8MiB", Some(Bound::Bytes(8 << 20))),
            ("64KiB", Some(Bound::Bytes(64 << 10))),
            ("0", Some(Bound::Bytes(0))),
            ("unlimited", Some(Bound::Unlimited)),
            ("8", None),
            ("-1", None),
            ("lots", None),
        ];
        for (text, expected) in table {
            assert_eq!(bound(text).ok(), expected, "{text}");
        }
    }
}
