//! The ways to a host: ssh, a container that runs, this machine, an archive of a root file system, a file with what the
//! script said.

mod container;
mod local;
mod rootfs;
mod ssh;
mod terms;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use self::terms::Terms;
use super::answer::Answer;
use crate::bounded;
use crate::failure::Failure;

/// How a host is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// `[user@]host[:port]`, as `ssh` and its configuration know it.
    Ssh { destination: String, port: Option<u16> },
    /// A container, and who reads in it; root if nobody is named.
    Container { name: String, user: Option<String> },
    /// This machine, as whoever runs stagectl.
    Local,
    /// An archive of its root file system.
    RootFs(PathBuf),
    /// What the script said, in a file.
    File(PathBuf),
}

/// How a host may be written.
const FORMS: &str = "a host is [USER@]HOST[:PORT] for ssh, docker://CONTAINER, rootfs://ARCHIVE, file://ANSWER, or local";

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Way, String> {
        if text == "local" {
            return Ok(Way::Local);
        }
        let is_plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.contains(|c: char| {
                    c.is_whitespace() || c.is_control() || c == '\'' || c == '"'
                })
        };
        for (start, of) in
            [("rootfs://", Way::RootFs as fn(PathBuf) -> Way), ("file://", Way::File)]
        {
            match text.strip_prefix(start) {
                Some(path) if path.is_empty() || path.chars().any(char::is_control) => {
                    return Err(format!("write the path of the file: {start}live"));
                }
                Some(path) => return Ok(of(PathBuf::from(path))),
                None => {}
            }
        }
        if let Some(rest) = text.strip_prefix("docker://") {
            let (user, name) = match rest.split_once('@') {
                Some((user, name)) => (Some(user.to_owned()), name),
                None => (None, rest),
            };
            let is_good =
                is_plain(name) && !name.contains('/') && user.as_deref().is_none_or(is_plain);
            return is_good.then(|| Way::Container { name: name.to_owned(), user }).ok_or_else(
                || {
                    "write the container's name: docker://shop-web-1, or docker://USER@shop-web-1"
                        .to_owned()
                },
            );
        }
        if text
            .split_once(":/")
            .is_some_and(|(start, rest)| start != "ssh" || !rest.starts_with('/'))
        {
            return Err(FORMS.to_owned());
        }
        let place = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
        let (user, rest) = match place.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, place),
        };
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match rest.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') => (host, Some(port)),
                _ => (rest, None),
            },
        };
        let port = match port {
            None => None,
            Some(port) => Some(port.parse().map_err(|_| format!("`{port}` is no port"))?),
        };
        if !is_plain(host)
            || !user.is_none_or(is_plain)
            || user.is_some_and(|user| user.contains(':'))
            || host.contains('/')
        {
            return Err(FORMS.to_owned());
        }
        let destination = user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}"));
        Ok(Way::Ssh { destination, port })
    }
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Ssh { destination, port: Some(port) } => write!(formatter, "{destination}:{port}"),
            Way::Ssh { destination, port: None } => formatter.write_str(destination),
            Way::Container { name, user: Some(user) } => {
                write!(formatter, "docker://{user}@{name}")
            }
            Way::Container { name, user: None } => write!(formatter, "docker://{name}"),
            Way::Local => formatter.write_str("local"),
            Way::RootFs(path) => write!(formatter, "rootfs://{}", path.display()),
            Way::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl Way {
    /// The host's name, where the way has one that the world may know.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Way::Ssh { destination, .. } => {
                Some(destination.rsplit_once('@').map_or(destination.as_str(), |(_, host)| host))
            }
            _ => None,
        }
    }

    /// The same way where a path of it is from a folder, as in a description.
    #[must_use]
    pub fn from_folder(self, folder: &Path) -> Way {
        match self {
            Way::RootFs(path) => Way::RootFs(match (path.strip_prefix(".."), folder.parent()) {
                (Ok(path), Some(above)) => above.join(path),
                _ => folder.join(path),
            }),
            other => other,
        }
    }

    /// The same way as a description in `environments` below a project's folder has it.
    #[must_use]
    pub fn for_description(&self, root: &Path) -> Way {
        let Way::RootFs(path) = self else { return self.clone() };
        let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Way::RootFs(
            whole.strip_prefix(root).map_or(whole.clone(), |below| Path::new("..").join(below)),
        )
    }

    /// Runs the script there, and reads what it said.
    ///
    /// # Errors
    /// Infrastructure: the host cannot be reached, does not answer in time, or with something else.
    pub async fn ask(&self, script: &str, terms: Terms) -> Result<Answer, Failure> {
        let bytes = match self {
            Way::Ssh { destination, port } => ssh::run(destination, *port, script, terms).await?,
            Way::Container { name, user } => {
                container::run(name, user.as_deref(), script, terms).await?
            }
            Way::Local => local::run(script, terms).await?,
            Way::RootFs(path) => rootfs::run(path, script, terms).await?,
            Way::File(path) => {
                bounded::read(path, super::answer::LARGEST as u64).map_err(|error| {
                    Failure::usage(format!("could not read {}", path.display())).because(&error)
                })?
            }
        };
        let answer = Answer::read(&bytes).map_err(|failure| match self {
            // Of a wrong file nothing is shown.
            Way::File(path) => Failure::usage(format!("{} is no answer of the script", path.display()))
                .hint("it is what the script of `stagectl capture --script` says on the host: sh read.sh > answer.txt"),
            _ => failure,
        })?;
        if !answer.is_whole {
            return Err(Failure::infrastructure(format!("{self} stopped amid its answer"))
                .hint("the connection ended, or the host said more than 48 MiB; try again, or `stagectl capture --script` by hand there"));
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_written_as_ssh_and_docker_have_it() {
        for (text, host) in [
            ("deploy@www.site-d.example", Some("www.site-d.example")),
            ("ssh://deploy@web1:2222", Some("web1")),
            ("[::1]:22", Some("::1")),
            ("docker://shop-web-1", None),
            ("docker://www-data@shop-web-1", None),
            ("local", None),
            ("rootfs://../live.tar.zst", None),
        ] {
            let way: Way = text.parse().unwrap();
            assert_eq!(way.host(), host, "{text}");
        }
    }

    #[test]
    fn what_ssh_would_take_for_an_option_is_no_host() {
        for text in [
            "-oProxyCommand=x",
            "a b",
            "user:password@host",
            "docker://",
            "rootfs://",
            "rootfs:/live.tar",
            "docker:/web1",
            "docker://a/b",
            "http://host",
            "host:port",
            "h'x",
        ] {
            assert!(text.parse::<Way>().is_err(), "{text}");
        }
    }
}
