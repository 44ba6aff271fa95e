//! The way into a container that runs, such as a replica, or a live site of a single Docker host.

use super::terms::{Terms, shell};
use crate::capture::answer::LARGEST;
use crate::docker::{Docker, DockerError, Engine as _, Exec, Output};
use crate::failure::Failure;

/// Runs the script in its `sh`.
pub(super) async fn run(
    name: &str,
    user: Option<&str>,
    script: &str,
    terms: Terms,
) -> Result<Vec<u8>, Failure> {
    let docker = Docker::connect().await.map_err(Failure::from)?;
    let command = Exec {
        argv: ["sh", "-c", &shell(terms)].map(str::to_owned).to_vec(),
        stdin: Some(script.as_bytes().to_vec()),
        user: user.map(str::to_owned),
        folder: Some("/".to_owned()),
    };
    let (mut out, mut error) = (String::new(), String::new());
    let mut keep = |output: Output, line: String| {
        let text = if output == Output::Stdout { &mut out } else { &mut error };
        let most = if output == Output::Stdout { LARGEST } else { 16 << 10 };
        if text.len() < most {
            text.push_str(&line);
            text.push('\n');
        }
    };
    let asked = docker.exec(name, &command, &mut keep);
    let code = tokio::time::timeout(terms.patience, asked).await.map_err(|_| {
        let message =
            format!("container {name} did not answer within {} s", terms.patience.as_secs());
        Failure::infrastructure(message).hint("give it longer: `--patience 10min`")
    })?;
    match code {
        Ok(126 | 127) => {
            Err(Failure::infrastructure(format!("container {name} has no shell to read it with"))
                .cause(error.lines().chain(out.lines()).next().unwrap_or_default().to_owned()))
        }
        Ok(_) => Ok(out.into_bytes()),
        Err(DockerError::NotFound { .. }) => {
            Err(Failure::usage(format!("there is no container `{name}`"))
                .hint("those that run: docker ps"))
        }
        Err(error) => Err(Failure::from(error)),
    }
}
