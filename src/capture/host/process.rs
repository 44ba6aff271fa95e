//! Processes of a host.

use std::collections::BTreeMap;

use super::super::answer::Answer;
use super::given::Given;
use super::system::three;
use super::variable::{self, Variable};

/// A process that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub pid: u32,
    pub parent: u32,
    pub uid: u32,
    pub name: String,
}

/// A process that may serve the app, or work for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub argv: Vec<String>,
    pub parent: u32,
    pub uid: u32,
    pub gid: u32,
    /// Octal, as `0022`.
    pub umask: Option<String>,
    /// All groups by name, where the host has names for them.
    pub groups: Vec<String>,
    /// The systemd unit that it is in.
    pub unit: Option<String>,
    pub limits: BTreeMap<String, (String, String)>,
    pub folder: Option<String>,
    pub program: Option<String>,
    pub mounts: Vec<(String, String, String)>,
    /// Absent where the reader may not see it.
    pub variables: Option<Vec<Variable>>,
    /// What it is given, if it is a gunicorn.
    pub given: Given,
}

pub(super) fn running(answer: &Answer) -> Vec<Running> {
    let read = answer.lines("processes").iter().filter_map(|line| {
        let mut words = line.split(' ');
        Some(Running {
            pid: words.next()?.parse().ok()?,
            parent: words.next()?.parse().ok()?,
            uid: words.next()?.parse().ok()?,
            name: words.next()?.to_owned(),
        })
    });
    read.collect()
}

pub(super) fn of(answer: &Answer) -> Vec<Process> {
    let parts = answer.parts("process").iter();
    let read = parts.filter_map(|part| {
        let mut process = Process { pid: part.of.parse().ok()?, ..Process::default() };
        let mut section = "";
        for line in &part.lines {
            match (section, line.as_str()) {
                (_, name @ ("command" | "status" | "cgroup" | "limits" | "links" | "mounts"))
                    if section != name && is_next(section, name) =>
                {
                    section = name;
                }
                ("command", word) => process.argv.push(word.to_owned()),
                ("status", line) => add_status(&mut process, line),
                ("cgroup", line) => process.unit = unit_of(line).or(process.unit.take()),
                ("limits", line) => process.limits.extend(limit(line)),
                ("links", line) => add_link(&mut process, line),
                ("mounts", line) => process.mounts.extend(three(line)),
                _ => {}
            }
        }
        // A title that was set has padding behind it.
        while process.argv.last().is_some_and(|word| word.trim().is_empty()) {
            process.argv.pop();
        }
        let environment =
            answer.parts("environment").iter().find(|other| other.of == part.of && other.code == 0);
        // A program that gave itself a long title has written over what it was started with.
        process.variables =
            environment.map(|part| variable::of(&part.lines)).filter(|all| all.len() > 1);
        process.given = Given::of(answer, &part.of);
        Some(process)
    });
    read.collect()
}

/// The sections come in one order, so that a word of a command is none of them.
fn is_next(section: &str, name: &str) -> bool {
    let order = ["", "command", "status", "cgroup", "limits", "links", "mounts"];
    let place = |name: &str| order.iter().position(|other| *other == name);
    place(name) == place(section).map(|at| at + 1)
}

fn add_status(process: &mut Process, line: &str) {
    let Some((key, value)) = line.split_once(':') else { return };
    let first = || value.split_whitespace().next().and_then(|word| word.parse().ok());
    match key {
        "PPid" => process.parent = first().unwrap_or_default(),
        "Uid" => process.uid = first().unwrap_or_default(),
        "Gid" => process.gid = first().unwrap_or_default(),
        "Umask" => process.umask = Some(value.trim().to_owned()),
        "Group" => process.groups.push(value.trim().to_owned()),
        _ => {}
    }
}

/// `1:name=systemd:/system.slice/shop.service`
fn unit_of(line: &str) -> Option<String> {
    let path = line.splitn(3, ':').nth(2)?;
    let unit = path.split('/').find(|part| {
        std::path::Path::new(part).extension().is_some_and(|suffix| suffix == "service")
    })?;
    Some(unit.to_owned())
}

/// `Max open files            1024                 524288               files`
fn limit(line: &str) -> Option<(String, (String, String))> {
    let (name, rest) = line.strip_prefix("Max ")?.split_once("  ")?;
    let mut words = rest.split_whitespace();
    Some((name.trim().to_owned(), (words.next()?.to_owned(), words.next()?.to_owned())))
}

/// The limits of a process, of `/proc/PID/limits`.
pub(super) fn limits(lines: &[String]) -> BTreeMap<String, (String, String)> {
    lines.iter().filter_map(|line| limit(line)).collect()
}

fn add_link(process: &mut Process, line: &str) {
    match line.split_once(' ') {
        Some(("cwd", path)) if !path.is_empty() => process.folder = Some(path.to_owned()),
        Some(("exe", path)) if !path.is_empty() => process.program = Some(path.to_owned()),
        _ => {}
    }
}

/// `0100007F:1538`
pub(super) fn ports(answer: &Answer) -> Vec<u16> {
    let mut ports: Vec<u16> = answer
        .lines("listening")
        .iter()
        .filter_map(|line| u16::from_str_radix(line.rsplit_once(':')?.1, 16).ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_command_says() {
        let text = "stagectl-capture 1\n= process 41\n|command\n|/srv/shop/venv/bin/gunicorn\n|--workers=2\n|status\n|mounts\n|status\n\
                    |Name:\tgunicorn\n|Uid:\t999\t999\t999\t999\n|Umask:\t0027\n|Group: shop\n|cgroup\n|1:name=systemd:/system.slice/shop.service\n\
                    |limits\n|Max open files            1024                 524288               files     \n|links\n|cwd /srv/shop\n|mounts\n\
                    |/tmp tmpfs rw,noexec\n. 0\nstagectl-capture end\n";
        let process = &of(&Answer::read(text.as_bytes()).unwrap())[0];
        // The second word `status` is one of the command: only the first begins the section.
        assert_eq!(process.argv, ["/srv/shop/venv/bin/gunicorn", "--workers=2"]);
        assert_eq!((process.uid, process.umask.as_deref()), (999, Some("0027")));
        assert_eq!(process.unit.as_deref(), Some("shop.service"));
        assert_eq!(process.limits["open files"], ("1024".to_owned(), "524288".to_owned()));
        assert_eq!(process.folder.as_deref(), Some("/srv/shop"));
        assert_eq!(process.variables, None);
    }
}
