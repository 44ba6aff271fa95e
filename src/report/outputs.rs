//! What deploy steps and builds printed, a file each beside the report.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::files::put;
use super::model::{Ending, Report};
use crate::event::{Event, State, What};
use crate::failure::Failure;
use crate::site::SiteName;
use crate::state::could_not;

/// Writes `logs/NAME.log` into the folder of each site that is not green, and `logs/STATE-NAME.log` of what came in a
/// state of an upgrade; the last one of a name counts.
///
/// # Errors
/// Infrastructure: the folder cannot be written.
pub(super) fn write_outputs(
    folder: &Path,
    events: &[Event],
    report: &Report,
) -> Result<(), Failure> {
    let is_green = |name: &str| {
        report.sites.iter().any(|site| site.name == name && site.verdict == Ending::Passed)
    };
    let mut states: BTreeMap<&SiteName, State> = BTreeMap::new();
    for event in events {
        let Some(site) = &event.site else { continue };
        let (name, lines) = match &event.what {
            What::StateStarted { state, .. } => {
                states.insert(site, *state);
                continue;
            }
            What::OutputKept { name, lines } if !is_green(site.as_str()) => (name, lines),
            _ => continue,
        };
        let state = states.get(site).map(|state| format!("{}-", state.name()));
        let name = state.unwrap_or_default() + name;
        let logs = folder.join(site.as_str()).join("logs");
        fs::create_dir_all(&logs).map_err(|error| could_not("make", &logs, &error))?;
        let text = lines.join("\n") + "\n";
        put(&logs.join(format!("{}.log", as_file(&name))), text.as_bytes())?;
    }
    Ok(())
}

/// A step may be called as one likes; a file may not.
fn as_file(name: &str) -> String {
    let keep = |char: char| char.is_alphanumeric() || "-_.".contains(char);
    name.chars().map(|char| if keep(char) { char } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::sample::release;

    #[test]
    fn each_output_is_a_file_of_its_site_whatever_the_step_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let event = |name: &str, line: &str| Event {
            at: Duration::ZERO,
            site: Some("shop".parse().unwrap()),
            what: What::OutputKept { name: name.to_owned(), lines: vec![line.to_owned()] },
        };
        let events =
            [event("step-migrate", "a"), event("step-../../x y", "b"), event("step-migrate", "c")];
        write_outputs(folder.path(), &events, &Report::default()).unwrap();
        let read =
            |name: &str| fs::read_to_string(folder.path().join("shop/logs").join(name)).unwrap();
        assert_eq!(read("step-migrate.log"), "c\n");
        assert_eq!(read("step-..-..-x-y.log"), "b\n");
    }

    #[test]
    fn a_step_of_each_state_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let state = |state| What::StateStarted { state, runs: release("1.0") };
        let migrated = |site: &str| {
            let lines = vec![format!("{site} was migrated")];
            What::OutputKept { name: "step-migrate".to_owned(), lines }
        };
        let events = [
            ("shop", state(State::Live)),
            ("shop", migrated("live")),
            ("desk", migrated("other")),
            ("shop", state(State::Between)),
            ("shop", migrated("between")),
        ];
        let events = events.map(|(site, what)| Event {
            at: Duration::ZERO,
            site: Some(site.parse().unwrap()),
            what,
        });
        write_outputs(folder.path(), &events, &Report::default()).unwrap();
        for (file, text) in [
            ("shop/logs/live-step-migrate.log", "live was migrated\n"),
            ("shop/logs/between-step-migrate.log", "between was migrated\n"),
            ("desk/logs/step-migrate.log", "other was migrated\n"),
        ] {
            assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), text, "{file}");
        }
    }
}
