//! What can be seen of the engine's own process, where it runs on this machine: how it was started says
//! what its API does not.

use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

/// The engine's own configuration, unless its command line names another.
const CONFIGURATION: &str = "/etc/docker/daemon.json";
const OF_A_USER: &str = ".config/docker/daemon.json";

/// True where the engine was configured to make no packet rules: then containers have a way out only by rules
/// of somebody else's. False where that cannot be seen.
pub(super) async fn makes_no_rules(socket: &Path) -> bool {
    let Some(process) = listener(socket).await else { return false };
    let Ok(arguments) = std::fs::read(process.join("cmdline")) else { return false };
    let arguments: Vec<String> = arguments
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    has_rules_turned_off(&arguments, &|path| {
        // It may have a root of its own.
        let there = process.join("root").join(path.strip_prefix("/").unwrap_or(path));
        std::fs::read_to_string(there).or_else(|_| std::fs::read_to_string(path)).ok()
    })
}

/// The folder of the process that listens, if that is the engine: systemd may have made the socket.
async fn listener(socket: &Path) -> Option<PathBuf> {
    let pid = UnixStream::connect(socket).await.ok()?.peer_cred().ok()?.pid()?;
    let is_engine = |pid: &i32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.trim() == "dockerd")
    };
    let read_pid_file = || std::fs::read_to_string("/run/docker.pid").ok()?.trim().parse().ok();
    let pid = Some(pid)
        .filter(is_engine)
        .or_else(|| read_pid_file().filter(|_| pid == 1).filter(is_engine))?;
    Some(PathBuf::from(format!("/proc/{pid}")))
}

fn has_rules_turned_off(arguments: &[String], read: &dyn Fn(&Path) -> Option<String>) -> bool {
    let mut words = arguments.iter().map(String::as_str);
    let mut configuration = None;
    while let Some(word) = words.next() {
        match word.trim_start_matches('-').split_once('=') {
            Some(("iptables", value)) => return matches!(value, "false" | "0" | "f"),
            Some(("config-file", path)) => configuration = Some(path),
            None if word == "--config-file" => configuration = words.next(),
            _ => {}
        }
    }
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(OF_A_USER));
    let usual = || read(Path::new(CONFIGURATION)).or_else(|| read(&home?));
    let text = configuration.map_or_else(usual, |path| read(Path::new(path)));
    let json: Option<serde_json::Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    json.is_some_and(|json| json["iptables"] == false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file_it_names_or_does_not() {
        let files = |path: &Path| match path.to_str()? {
            CONFIGURATION => Some(r#"{"iptables": false, "debug": true}"#.to_owned()),
            "/on.json" => Some(r#"{"iptables": true}"#.to_owned()),
            "/torn.json" => Some("{".to_owned()),
            _ => None,
        };
        for (line, expected) in [
            ("dockerd", true),
            ("dockerd --iptables=true", false),
            ("dockerd --iptables=false --config-file /on.json", true),
            ("dockerd --config-file /on.json", false),
            ("dockerd --config-file=/on.json -H fd://", false),
            ("dockerd --config-file /torn.json", false),
            ("dockerd --config-file /nowhere.json", false),
        ] {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(has_rules_turned_off(&arguments, &files), expected, "{line}");
        }
    }
}
