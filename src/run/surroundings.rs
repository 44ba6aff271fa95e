//! Where and how a run is started: its command line without secrets, this machine, the engine.

use std::ffi::CStr;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use crate::docker::EngineInfo;
use crate::event::{Computer, EngineSeen, Surroundings};
use crate::replica::Secrets;
use crate::site::{Site, masked};

/// Parts of the names of options and variables whose values are nobody's business.
const SECRET_NAMES: [&str; 7] =
    ["passw", "passphrase", "token", "secret", "credential", "apikey", "privatekey"];

/// What is known of the call, of this machine and of the engine.
pub(super) fn surroundings(engine: &EngineInfo, sites: &[&Site]) -> Surroundings {
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    // What is not set has no value that could be shown.
    let secrets = sites
        .iter()
        .filter_map(|site| Secrets::for_site(site, |variable| std::env::var(variable).ok()).ok());
    let secrets: Vec<Secrets> = secrets.collect();
    Surroundings {
        command: shown_command(&arguments, &secrets),
        host: this_computer(),
        engine: EngineSeen {
            version: engine.version.clone(),
            storage: engine.storage.clone(),
            host: engine.host.clone(),
            cores: engine.cpus,
            memory: engine.memory,
        },
    }
}

/// This machine, as far as it says.
#[must_use]
pub fn this_computer() -> Computer {
    let uname = rustix::system::uname();
    let text = |name: &CStr| name.to_string_lossy().into_owned();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    Computer {
        name: text(uname.nodename()),
        system: system_name().unwrap_or_else(|| text(uname.sysname())),
        architecture: text(uname.machine()),
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        memory: memory(),
    }
}

/// `Debian GNU/Linux 12 (bookworm)`
fn system_name() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches('"').to_owned())
}

/// Bytes.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The command line as a shell takes it, without the values of secrets.
fn shown_command(arguments: &[String], secrets: &[Secrets]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut hides_next = false;
    for (index, argument) in arguments.iter().enumerate() {
        if index == 0 {
            let name = Path::new(argument).file_name().unwrap_or_default();
            words.push(in_shell(&name.to_string_lossy()));
            continue;
        }
        let hidden = std::mem::take(&mut hides_next) && !argument.starts_with('-');
        let word = match argument.split_once('=') {
            _ if hidden => "***".to_owned(),
            Some((name, _)) if is_of_a_secret(name) => format!("{name}=***"),
            Some(_) => without_secrets(argument, secrets),
            None => {
                hides_next = argument.starts_with('-') && is_of_a_secret(argument);
                without_secrets(argument, secrets)
            }
        };
        words.push(in_shell(&word));
    }
    words.join(" ")
}

fn without_secrets(text: &str, secrets: &[Secrets]) -> String {
    let redacted = secrets.iter().fold(text.to_owned(), |text, secrets| secrets.redact(&text));
    masked(&redacted)
}

fn is_of_a_secret(name: &str) -> bool {
    let plain = name.to_lowercase().replace(['-', '_'], "");
    SECRET_NAMES.iter().any(|part| plain.contains(part))
}

/// A word as a shell takes it for one.
#[must_use]
pub fn in_shell(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-./:=@%+,*".contains(char);
    if !word.is_empty() && word.chars().all(|char| is_plain(char) && char != '*') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show_without_secrets(arguments: &[&str]) -> String {
        let secrets =
            [Secrets::from_json(br#"{"db": "hunter22", "mail": "s3cret word"}"#).unwrap()];
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        shown_command(&arguments, &secrets)
    }

    #[test]
    fn a_command_line_can_be_pasted_and_holds_no_secret() {
        let table: [(&[&str], &str); 8] = [
            (
                &["/usr/bin/stagectl", "rehearse", "--release", "dist/shop 1.0.whl", "site-a"],
                "stagectl rehearse --release 'dist/shop 1.0.whl' site-a",
            ),
            (
                &["stagectl", "rehearse", "--", "-k", "log in or it's out"],
                r"stagectl rehearse -- -k 'log in or it'\''s out'",
            ),
            // As a description knows it.
            (
                &["stagectl", "rehearse", "--", "--with=hunter22"],
                "stagectl rehearse -- '--with=[secret db]'",
            ),
            (
                &["stagectl", "rehearse", "--", "a s3cret word"],
                "stagectl rehearse -- 'a [secret mail]'",
            ),
            // By the name of what it is for.
            (&["stagectl", "--", "--api-token", "abc", "x"], "stagectl -- --api-token '***' x"),
            (&["stagectl", "--", "--db-password=abc"], "stagectl -- '--db-password=***'"),
            (
                &["stagectl", "--", "API_KEY=abc", "--password", "-v"],
                "stagectl -- 'API_KEY=***' --password -v",
            ),
            // In an address.
            (
                &["stagectl", "--", "--url", "https://me:word@a.example/x"],
                "stagectl -- --url 'https://***@a.example/x'",
            ),
        ];
        for (arguments, expected) in table {
            assert_eq!(show_without_secrets(arguments), expected);
        }
    }

    #[test]
    fn this_machine_has_a_name_cores_and_memory() {
        let computer = this_computer();
        assert!(!computer.name.is_empty() && !computer.system.is_empty(), "{computer:?}");
        assert!(computer.cores > 0 && computer.memory.is_none_or(|bytes| bytes > 1 << 20));
    }
}
