//! Who answers for a resource: a process, so named that its end can be seen.

use std::fmt;
use std::fs;
use std::str::FromStr;

/// A process, so named that no other process ever has the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    pub host: String,
    /// The kernel's id of this boot, from `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
    /// The PID namespace: two containers may share host name and boot, and count alike.
    pub namespace: u64,
    pub pid: u32,
    /// Start time of the process in clock ticks since boot: field 22 of `/proc/PID/stat`.
    pub started: u64,
}

/// Whether the process that answers for a resource still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    Alive,
    Dead,
    /// It ran on another host or in another container: unknown here.
    Unknown,
}

/// A label that is no owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not name an owner")]
pub struct NotAnOwner(String);

impl Owner {
    /// This process; fields that the system does not give stay empty.
    #[must_use]
    pub fn this_process() -> Owner {
        Owner::process(std::process::id())
    }

    /// A process of this machine.
    #[must_use]
    pub fn process(pid: u32) -> Owner {
        let read = |path: &str| {
            fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        Owner {
            host: read("/proc/sys/kernel/hostname"),
            boot: read("/proc/sys/kernel/random/boot_id"),
            namespace: pid_namespace(),
            pid,
            started: start_time(pid).unwrap_or(0),
        }
    }

    /// Whether the process still runs.
    #[must_use]
    pub fn liveness(&self) -> Liveness {
        let here = Owner::process(self.pid);
        if here.host != self.host {
            return Liveness::Unknown;
        }
        if here.boot != self.boot {
            return Liveness::Dead;
        }
        if here.namespace != self.namespace {
            return Liveness::Unknown;
        }
        match start_time(self.pid) {
            Some(started) if started == self.started => Liveness::Alive,
            _ => Liveness::Dead,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Owner { host, boot, namespace, pid, started } = self;
        write!(formatter, "{host}:{boot}:{namespace}:{pid}:{started}")
    }
}

impl FromStr for Owner {
    type Err = NotAnOwner;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut fields = text.rsplitn(5, ':');
            let started = fields.next()?.parse().ok()?;
            let pid = fields.next()?.parse().ok()?;
            let namespace = fields.next()?.parse().ok()?;
            let boot = fields.next()?.to_owned();
            Some(Owner { host: fields.next()?.to_owned(), boot, namespace, pid, started })
        };
        read().ok_or_else(|| NotAnOwner(text.to_owned()))
    }
}

/// The namespace's number, from a link such as `pid:[4026531836]`; 0 where there is none.
fn pid_namespace() -> u64 {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits: String = link.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Start time of a process that runs; a zombie does not.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    start_time_in(&stat)
}

/// The name in field 2 may hold blanks and brackets, so counting begins behind it.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn start_time_in(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    match fields.next()? {
        "Z" | "X" | "x" => None,
        _ => fields.nth(18)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_reads_back_as_written() {
        let owner = Owner::this_process();
        assert_eq!(owner.to_string().parse(), Ok(owner.clone()));
        let odd = Owner { host: "fe80::1".to_owned(), ..owner };
        assert_eq!(odd.to_string().parse(), Ok(odd));
        for text in ["", "host", "host:boot:1:2:x", "boot:1:2:3"] {
            assert_eq!(text.parse::<Owner>(), Err(NotAnOwner(text.to_owned())));
        }
    }

    #[test]
    fn liveness_tells_the_same_process_from_all_others() {
        let owner = Owner::this_process();
        assert_eq!(owner.liveness(), Liveness::Alive);
        let later = Owner { started: owner.started + 1, ..owner.clone() };
        assert_eq!(later.liveness(), Liveness::Dead);
        let other_boot = Owner { boot: "another".to_owned(), ..owner.clone() };
        assert_eq!(other_boot.liveness(), Liveness::Dead);
        let other_host = Owner { host: "another".to_owned(), ..owner.clone() };
        assert_eq!(other_host.liveness(), Liveness::Unknown);
        let other_container = Owner { namespace: 1, ..owner };
        assert_eq!(other_container.liveness(), Liveness::Unknown);
    }

    #[test]
    fn a_process_that_ended_is_dead_even_before_it_is_waited_for() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let owner = Owner::process(child.id());
        assert_eq!(owner.liveness(), Liveness::Alive);
        child.kill().unwrap();
        while owner.liveness() == Liveness::Alive {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert_eq!(owner.liveness(), Liveness::Dead);
    }

    #[test]
    fn the_start_time_is_found_behind_any_process_name() {
        let rest = "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 777 9 10";
        assert_eq!(start_time_in(&format!("42 (a) b (c)) {rest}")), Some(777));
        assert_eq!(start_time_in(&format!("42 (x) {}", rest.replacen('S', "Z", 1))), None);
        assert_eq!(start_time_in("42"), None);
    }
}
