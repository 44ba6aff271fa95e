//! A person's command inside: as the site's user has it, in a terminal or not.

use super::Session;
use super::place::{Place, PlaceKind};
use crate::docker::{Engine, Exec};
use crate::failure::Failure;
use crate::inside::run_briefly;
use crate::replica::paths;
use crate::replica::{EnterJob, FileEntry, built_in, shell_quote, system_path, write_job};

/// As whom somebody enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// As the app does; in a service, as its container's own user.
    Usual,
    Root,
}

/// A command that is ready to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    pub container: String,
    pub exec: Exec,
    /// The file that has its process id, inside.
    pid: String,
}

/// Gets a command ready; `None` is a shell. `term` says what the terminal is called, if there is one.
///
/// # Errors
/// Infrastructure: its variables cannot be brought in.
pub async fn enter<E: Engine>(
    session: &Session<'_, E>,
    place: &Place,
    command: Option<&[String]>,
    rights: Rights,
    term: Option<&str>,
) -> Result<Entered, Failure> {
    let id = format!("{:016x}", rand::random::<u64>());
    // Not named as those of the site's processes, whose end is looked for.
    let pid = paths::session_pid(&id);
    if place.kind == PlaceKind::Service {
        return Ok(in_service(place, command, term, pid));
    }
    let mut whom = match place.kind {
        PlaceKind::Suite => session.facts.enter_suite.clone(),
        PlaceKind::Host | PlaceKind::Service => session.facts.enter.clone(),
    };
    if let Some(term) = term {
        whom.env.insert("TERM".to_owned(), term.to_owned());
    }
    if rights == Rights::Root {
        whom.user = None;
        // No program of the release's, which may be called as one of the system's, is found first.
        let own = [
            ("HOME", "/root"),
            ("SHELL", "/bin/bash"),
            ("USER", "root"),
            ("LOGNAME", "root"),
            ("PATH", system_path()),
        ];
        whom.env.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
    let job = EnterJob { whom, argv: command, pid: &pid, terminal: term.is_some() };
    let job = write_job(&job);
    // By a file, for a terminal would show what is typed into it; and not in the command's own
    // variables, where Docker would keep the secrets.
    let path = paths::own(&format!("session-{id}.json"));
    let files = [
        FileEntry::new(paths::ENTER_PY, 0o644, built_in("inside/enter.py")),
        FileEntry::new(paths::BECOME_PY, 0o644, built_in("inside/become.py")),
        FileEntry::new(path.as_str(), 0o600, job),
    ];
    session.engine.upload_files(&place.container, &files).await?;
    let argv = ["/usr/bin/python3", "-I", "-S", paths::ENTER_PY, &path];
    let exec = Exec { argv: argv.map(str::to_owned).into(), ..Exec::default() };
    Ok(Entered { container: place.container.clone(), exec, pid })
}

/// A service has no site's variables, and maybe no Python.
fn in_service(
    place: &Place,
    command: Option<&[String]>,
    term: Option<&str>,
    pid: String,
) -> Entered {
    let mut script = format!("echo $$ > {} 2>/dev/null; ", shell_quote(&pid));
    if let Some(term) = term {
        script.push_str(&format!("export TERM={}; ", shell_quote(term)));
    }
    script.push_str("if [ $# -gt 0 ]; then exec \"$@\"; fi; ");
    script.push_str("if [ -x /bin/bash ]; then exec /bin/bash; fi; exec /bin/sh");
    let mut argv = ["/bin/sh", "-c", &script, "sh"].map(str::to_owned).to_vec();
    argv.extend(command.unwrap_or_default().iter().cloned());
    Entered { container: place.container.clone(), exec: Exec { argv, ..Exec::default() }, pid }
}

/// Sends a signal, such as `INT`, to the command and all that it has started.
///
/// # Errors
/// Docker's. A command that is over already is none.
pub async fn interrupt<E: Engine>(
    engine: &E,
    entered: &Entered,
    signal: &str,
) -> Result<(), Failure> {
    let pid = shell_quote(&entered.pid);
    let script =
        format!("pid=$(cat {pid}) && {{ kill -s {signal} -- -$pid || kill -s {signal} $pid; }}");
    let argv = ["/bin/sh", "-c", &script].map(str::to_owned).into();
    run_briefly(engine, &entered.container, argv, &mut |_, _| {}).await?;
    Ok(())
}
