//! A real authorization plugin, before an engine of the test's own.
//! <https://docs.docker.com/engine/extend/plugins_authorization/>

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;

use super::engine::SecondEngine;
use super::second_engine::furnished;

/// Allows everything but the host's network.
const PLUGIN: &str = r#"
import base64, http.server, json, os, socketserver, sys

class Plugin(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        answer = {"Implements": ["authz"]} if self.path == "/Plugin.Activate" else {"Allow": True}
        asked = base64.b64decode(said.get("RequestBody") or b"")
        if self.path == "/AuthZPlugin.AuthZReq" and b'"NetworkMode":"host"' in asked:
            answer = {"Allow": False, "Msg": "nobody gets the host's network"}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        pass

os.makedirs("/run/docker/plugins", exist_ok=True)
server = socketserver.ThreadingUnixStreamServer("/run/docker/plugins/house-rules.sock", Plugin)
print("ready", flush=True)
server.serve_forever()
"#;

const SITES: [&str; 2] =
    ["{names: [s.example]}", "{names: [s.example], host: {resolver: {families: [ipv6, ipv4]}}}"];

#[test]
fn an_authorization_plugin_that_forbids_the_hosts_network_is_named_for_both_families() {
    let mut engine = SecondEngine::start();
    let house = furnished(&engine, "plugin");
    let mut plugin = engine.inside(&["--mount", "--pid"]);
    let plugin = plugin.args(["python3", "-c", PLUGIN]).stdout(Stdio::piped()).spawn();
    let mut plugin = plugin.unwrap();
    let mut line = String::new();
    BufReader::new(plugin.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let rules = r#"{"authorization-plugins": ["house-rules"]}"#;
    fs::write(engine.path("daemon.json"), rules).unwrap();
    engine.stop(Signal::TERM);
    engine.restart();
    for site in SITES {
        fs::write(house.project.path("environments/shop.yaml"), site).unwrap();
        house
            .rehearse_at(&engine.address())
            .exit_code(75)
            .says("nobody gets the host's network")
            .says("let Docker's authorization plugin allow the host's network")
            .says("`dev.stagectl.role=closing`")
            .says("nothing left: 0 containers, 0 networks, 0 volumes");
        engine.is_clean(Duration::ZERO);
    }
    drop(engine);
    plugin.wait().unwrap();
}
