//! `-vv`: each request to Docker on stderr, of an engine that is made up here, and nothing that it was sent
//! or answered.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::program::{Answer, Stagectl};

/// By which `status` looks for what stands.
const LABELS: &str =
    "dev.stagectl.lease,dev.stagectl.owner,dev.stagectl.project,dev.stagectl.run,dev.stagectl.site";
const PLANTED: &str = "planted-4711";

/// Answers as an engine on which nothing stands, and refuses what asks for volumes.
fn serve(socket: &Path) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap())));
}

/// One request a connection; it has no body.
fn answer(mut stream: UnixStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        request.extend(byte);
    }
    let request = String::from_utf8(request).unwrap();
    let path = request.split([' ', '?']).nth(1).unwrap();
    let (status, body) = match path.rsplit('/').next().unwrap() {
        "version" => ("200 OK", r#"{"ApiVersion":"1.41","MinAPIVersion":"1.12"}"#.to_owned()),
        "info" => ("200 OK", format!(r#"{{"HttpProxy":"http://me:{PLANTED}@proxy"}}"#)),
        "volumes" => ("500 Internal Server Error", format!(r#"{{"message":"{PLANTED}"}}"#)),
        _ => ("200 OK", "[]".to_owned()),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + &body).as_bytes()).unwrap();
}

fn ask<const N: usize>(args: [&str; N]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    serve(&socket);
    let host = format!("unix://{}", socket.display());
    Stagectl::new().variable("DOCKER_HOST", &host).args(args).run().exit_code(75)
}

/// The lines without their numbers, and without the failure that ends the command.
fn requests(answer: &Answer) -> Vec<String> {
    let text = answer.error();
    let lines = text.lines().filter(|line| line.contains("s docker "));
    let without_numbers = |line: &str| {
        let words = line
            .split_whitespace()
            .skip(1)
            .map(|word| if word.starts_with("milliseconds=") { "milliseconds=N" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    lines.map(without_numbers).collect()
}

#[test]
fn twice_verbose_shows_each_request_and_nothing_of_what_was_said() {
    let answer = ask(["status", "-vv"]);
    let expected = [
        r#"docker version object=engine milliseconds=N outcome="done""#,
        r#"docker negotiate_version object=engine milliseconds=N outcome="done""#,
        r#"docker info object=engine milliseconds=N outcome="done""#,
        &format!(r#"docker inventory object={LABELS} milliseconds=N outcome="refused""#),
    ];
    assert_eq!(requests(&answer), expected, "{}", answer.error());
    let lines = answer.error();
    let first = lines.lines().next().unwrap();
    let seconds = first.split_whitespace().next().unwrap().strip_suffix('s').unwrap();
    assert!(seconds.parse::<f64>().unwrap() < 60.0, "{first}");
    let of_requests: Vec<&str> = lines.lines().take(expected.len()).collect();
    assert!(!of_requests.join("\n").contains(PLANTED), "{lines}");
}

#[test]
fn once_verbose_shows_none() {
    for args in [["status", "-v"], ["status", "--verbose"], ["status", "--quiet"]] {
        let answer = ask(args);
        assert_eq!(requests(&answer), [""; 0], "{}", answer.error());
        assert!(
            answer.error().starts_with("error: could not list volumes\n"),
            "{}",
            answer.error()
        );
    }
}
