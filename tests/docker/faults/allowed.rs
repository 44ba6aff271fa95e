//! Where the names of allowed hosts may lead: anywhere but home. On an engine of the test's own, whose name
//! server is the test's, too.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Instant;

use super::engine::SecondEngine;
use crate::driver::Outcome;
use crate::samples::{tiny, tiny_sites};

const SITE: &str = "{names: [s.example], critical: {run: python3 asks.py}, outside: {\
    bridge.example: allow, home.example: allow, link.example: allow, loop.example: allow, many.example: allow, \
    none.example: allow, pay.example: allow, two.example: allow}}";

/// Asks every allowed host, by HTTP and by TLS. What came of it is in the gateway's journal.
const ASKS: &str = r#"
import os, socket, ssl, urllib.error, urllib.request
for name in ("bridge", "home", "link", "loop", "many", "none", "pay", "two"):
    try:
        urllib.request.urlopen(f"http://{name}.example/", timeout=15).read()
    except urllib.error.HTTPError as error:
        assert error.code == 502, error
    try:
        with socket.create_connection((f"{name}.example", 443), timeout=15) as connection:
            ssl.create_default_context().wrap_socket(connection, server_hostname=f"{name}.example")
    except (ssl.SSLError, ConnectionError):
        pass
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write("<testsuite name='asks' tests='1'><testcase name='asks'/></testsuite>")
"#;

/// The name server of the engine's host, and what listens there on every address. At its end it tells to
/// which of them somebody came.
const HOST: &str = r#"
import json, socket, subprocess, sys, threading
subprocess.run(["ip", "address", "add", "10.77.0.1/32", "dev", "lo"], check=True)
names = {
    "bridge": ["172.30.0.1"], "home": ["172.17.0.1"], "link": ["169.254.169.254"], "loop": ["127.0.0.1"], "many": ["224.0.0.1"],
    "none": ["0.0.0.0"], "pay": ["10.77.0.1"], "two": ["169.254.169.254", "172.17.0.1"],
}
came = set()
def answers(server):
    while True:
        question, asker = server.recvfrom(512)
        end = question.index(b"\0", 12) + 5
        name = question[13:13 + question[12]].decode()
        found = names.get(name, []) if question[end - 4:end - 2] == b"\0\1" else []
        records = b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address) for address in found)
        server.sendto(question[:2] + b"\x81\x80\0\1" + bytes([0, len(found)]) + b"\0\0\0\0" + question[12:end] + records, asker)
def listens(server, answer):
    while True:
        client, _ = server.accept()
        came.add("%s %s" % client.getsockname())
        if answer:
            client.recv(1000)
            client.sendall(answer)
        client.close()
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("172.17.0.1", 53))
threading.Thread(target=answers, args=(server,), daemon=True).start()
for port, answer in ((80, b"HTTP/1.0 200 OK\r\n\r\npaid"), (443, b"")):
    threading.Thread(target=listens, args=(socket.create_server(("0.0.0.0", port)), answer), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
print(json.dumps(sorted(came)))
"#;

struct Host(Child, BufReader<ChildStdout>);

impl Host {
    fn start(engine: &SecondEngine) -> Self {
        let mut command = engine.inside(&["--net"]);
        command.args(["python3", "-c", HOST]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut host = command.spawn().unwrap();
        let mut out = BufReader::new(host.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Host(host, out)
    }

    /// The addresses and ports that somebody came to.
    fn end(mut self) -> Vec<String> {
        drop(self.0.stdin.take());
        let mut text = String::new();
        self.1.read_to_string(&mut text).unwrap();
        self.0.wait().unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

#[test]
fn an_allowed_name_that_leads_home_is_refused() {
    let engine = SecondEngine::configured("{\"dns\": [\"172.17.0.1\"]}");
    let project = tiny_sites("leads").file("critical/asks.py", ASKS).site("shop", SITE);
    let release = tiny(&project);
    // It makes the images; whatever these names are where this machine looks them up, it is no matter.
    project.rehearse(&release);
    let images = project.report().sites.remove(0).images;
    let ids: BTreeSet<&str> = images.iter().map(|image| image.id.as_str()).collect();
    engine.load(&ids.into_iter().collect::<Vec<_>>());
    engine.docker(&["network", "create", "--subnet", "172.30.0.0/24", "somebody-s"]);
    let host = Host::start(&engine);
    let mut command =
        project.command(&["rehearse".as_ref(), "--release".as_ref(), release.as_os_str()]);
    let begin = Instant::now();
    let outcome =
        Outcome::of(command.env("DOCKER_HOST", engine.address()).output().unwrap(), begin);
    let outcome = outcome.exit_code(0);
    assert_eq!(host.end(), ["10.77.0.1 443", "10.77.0.1 80"]);
    let asked = &project.report().sites[0].outside;
    let asked: Vec<String> = asked
        .iter()
        .map(|asked| format!("{} {} {}", asked.method, asked.host, asked.answer))
        .collect();
    let expected: Vec<String> = ["bridge", "home", "link", "loop", "many", "none", "pay", "two"]
        .iter()
        .flat_map(|name| ["GET", "TLS"].map(|method| (name, method)))
        .map(|(name, method)| match (*name, method) {
            ("pay", "GET") => "GET pay.example passed: 200".to_owned(),
            ("pay", _) => "TLS pay.example passed".to_owned(),
            _ => format!("{method} {name}.example refused"),
        })
        .collect();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(sorted(asked), sorted(expected));
    outcome
        .says("shop was refused home.example, which leads to the engine's own network (2 times)");
}
