//! A program of this machine that reads a script and says something, within bounds.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::terms::Terms;
use crate::capture::answer::LARGEST;
use crate::failure::Failure;

/// What a program came to.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) out: Vec<u8>,
    /// The beginning of its standard error.
    pub(super) error: String,
    pub(super) code: Option<i32>,
}

/// Runs the script in a shell of this machine.
pub(super) async fn run(script: &str, terms: Terms) -> Result<Vec<u8>, Failure> {
    let mut command = if terms.sudo { Command::new("sudo") } else { Command::new("sh") };
    if terms.sudo {
        command.args(["-n", "sh"]);
    }
    command.arg("-s");
    let ended = feed(command, script, terms).await?;
    if terms.sudo && ended.out.is_empty() {
        return Err(refused_by_sudo("this machine", &ended.error));
    }
    Ok(ended.out)
}

/// Starts a program, hands it the script, and reads what it says, no more than an answer may have.
///
/// # Errors
/// Infrastructure: it cannot be started, or takes too long.
pub(super) async fn feed(
    mut command: Command,
    script: &str,
    terms: Terms,
) -> Result<Ended, Failure> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| {
        let failure =
            Failure::infrastructure(format!("could not start `{program}`")).because(&error);
        if error.kind() == std::io::ErrorKind::NotFound {
            return failure.hint(format!("install it: apt-get install {}", package_of(&program)));
        }
        failure
    })?;
    let (mut input, output, errors) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let write = async {
            if let Some(mut input) = input.take() {
                // A program that does not read says why itself.
                input.write_all(script.as_bytes()).await.ok();
                input.shutdown().await.ok();
            }
        };
        let (mut out, mut error) = (Vec::new(), Vec::new());
        let read = async {
            if let Some(output) = output {
                output.take(LARGEST as u64).read_to_end(&mut out).await.ok();
            }
        };
        let read_errors = async {
            if let Some(errors) = errors {
                errors.take(16 << 10).read_to_end(&mut error).await.ok();
            }
        };
        tokio::join!(write, read, read_errors);
        let code = if out.len() >= LARGEST {
            child.start_kill().ok();
            None
        } else {
            child.wait().await.ok().and_then(|status| status.code())
        };
        Ended { out, error: String::from_utf8_lossy(&error).into_owned(), code }
    };
    tokio::time::timeout(terms.patience, work).await.map_err(|_| {
        Failure::infrastructure(format!(
            "the host did not answer within {} s",
            terms.patience.as_secs()
        ))
        .hint(
            "give it longer: `--patience 10min`; or run `stagectl capture --script` there by hand",
        )
    })
}

fn package_of(program: &str) -> &str {
    match program {
        "ssh" => "openssh-client",
        other => other,
    }
}

/// `sudo` asks for a password, or does not let this user.
pub(super) fn refused_by_sudo(host: &str, said: &str) -> Failure {
    let said = said.lines().rfind(|line| line.contains("sudo")).unwrap_or("it said nothing");
    let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
    Failure::infrastructure(format!("{host} does not run `sh` by `sudo` without a question"))
        .cause(said)
        .hint("leave `--sudo` out and read what this user can, or have an administrator run what `stagectl capture --script` prints, \
               and read it back with `--from-file`")
}
