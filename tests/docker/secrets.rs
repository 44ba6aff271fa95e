//! Secrets, whoever says them wherever: none of them is anywhere but inside the container that needs it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::driver::{Outcome, Project, files};
use crate::samples::{tiny, tiny_sites};

/// A site whose parts all say what they were given: the app, the deploy, the suite, a mail.
const TALKATIVE: &str = r#"
names: [talkative.example]
intended: [deploy.steps.0.run]
tls: {}
secrets: {made: {generate: 24}, odd: {from_file: odd.secret}, lines: {from_env: STAGE_LINES}}
env: {MADE: "${secret.made}", ODD: "${secret.odd}", LINES_OF_IT: "${secret.lines}", DATABASE: "postgresql://tiny:${secret.made}@db/tiny"}
files: [{path: /srv/tiny/secret.ini, template: secret.ini}]
services: {db: {postgres: "15", password: "${secret.made}"}}
processes: {worker: {run: "printenv; cat secret.ini; exec sleep 600"}}
deploy: {steps: [{name: says it, run: "printenv; cat secret.ini; echo ${secret.made} >&2; printenv ODD | base64"}]}
critical: {path: ../critical, run: python3 says.py, budget: 30s, site_env: [MADE, ODD, LINES_OF_IT, DATABASE],
           env: {AGAIN: "${secret.made}"}}
"#;

const SAYS: &str = r#"
import base64, json, os, urllib.parse
from xml.sax.saxutils import escape, quoteattr
values = [os.environ[name] for name in ("MADE", "ODD", "LINES_OF_IT", "DATABASE", "AGAIN")]
for value in values:
    print(value, json.dumps(value), urllib.parse.quote(value, safe=""), base64.b64encode(value.encode()).decode())
text = " ".join(values)
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='says' tests='1'><testcase name='says'><failure message={quoteattr(text)}>{escape(text)}</failure></testcase></testsuite>")
"#;

/// Its bytes, and how else they are met: an image's layers are archives of files as they are.
struct Planted(Vec<String>);

impl Planted {
    fn is_in(&self, text: &[u8]) -> bool {
        self.0.iter().any(|value| text.windows(value.len()).any(|part| part == value.as_bytes()))
    }
}

/// Everything that the machine's processes are called with, while something is true.
fn command_lines(goes_on: &AtomicBool) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    while goes_on.load(Ordering::Relaxed) {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        found.extend(processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok()));
    }
    found
}

fn docker(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn images() -> BTreeSet<String> {
    let listed = String::from_utf8(docker(&["images", "--quiet", "--no-trunc"])).unwrap();
    listed.lines().map(str::to_owned).collect()
}

/// Whether a value is in anything that an image is: its layers, its configuration, its history.
fn is_in_image(values: &Path, image: &str) -> bool {
    let script = "{ docker save \"$1\"; docker history --no-trunc \"$1\"; docker image inspect \"$1\"; } | \
                  LC_ALL=C grep --count --text --fixed-strings --file \"$2\"";
    let search =
        Command::new("bash").args(["-c", script, "search", image]).arg(values).output().unwrap();
    assert!(search.stderr.is_empty(), "{search:?}");
    search.status.success()
}

/// Where in the project, and in what was said, something planted is.
fn find_planted(project: &Project, outcome: &Outcome, planted: &Planted) -> Vec<String> {
    let mut found = Vec::new();
    if planted.is_in(format!("{}{}", outcome.stdout, outcome.stderr).as_bytes()) {
        found.push("what it said".to_owned());
    }
    for file in files(&project.path(".stagectl")) {
        if planted.is_in(&fs::read(&file).unwrap()) {
            found.push(file.display().to_string());
        }
    }
    found
}

#[test]
fn a_secret_is_nowhere_but_in_the_containers_that_need_it() {
    let before = images();
    let mark = format!("xyzzy{}", std::process::id());
    let (odd, first) =
        (format!("{mark}<odd>&\"it's\" é/7"), format!("{mark}-first-of-three-lines"));
    let last = format!("{mark}-last-of-three-lines");
    let project = tiny_sites("secrets")
        .file("critical/says.py", SAYS)
        .file("environments/odd.secret", &format!("{odd}\n"))
        .file(
            "environments/secret.ini",
            "{{ secret.made }}\n{{ secret.odd }}\n{{ secret.lines }}\n",
        )
        .site("talkative", TALKATIVE)
        .site(
            "worse",
            &TALKATIVE.replace("talkative", "worse").replace("| base64", "| base64; exit 3"),
        )
        .variable("STAGE_LINES", &format!("{first}\n\n{last}\n"));
    let release = tiny(&project);
    // An image of this test's own: what others have made cannot hold these secrets.
    let mut wheel = zip::ZipWriter::new_append(
        fs::File::options().read(true).write(true).open(&release).unwrap(),
    )
    .unwrap();
    wheel.start_file("tiny/own.py", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut wheel, format!("# of {}\n", project.name).as_bytes()).unwrap();
    wheel.finish().unwrap();

    let goes_on = AtomicBool::new(true);
    let release = release.to_str().unwrap();
    let (outcome, (up, made, again), lines) = std::thread::scope(|scope| {
        let watched = scope.spawn(|| command_lines(&goes_on));
        let outcome = project.run(&["rehearse", "--release", release]);
        let up = project.run(&["up", "talkative", "--release", release]);
        let made = value_inside(&project, "MADE");
        let again = project.run(&["test", "talkative"]);
        goes_on.store(false, Ordering::Relaxed);
        (outcome, (up, made, again), watched.join().unwrap())
    });
    assert_eq!(made.len(), 24, "the generated one, as the app has it: {made:?}");
    let forms = [odd.as_str(), first.as_str(), last.as_str(), mark.as_str(), made.as_str()];
    let base64 = |text: &str| {
        let output = Command::new("python3").args(["-c", "import base64, sys; print(base64.b64encode(sys.argv[1].encode()).decode().rstrip('=')[:-2])", text]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let encoded = [odd.as_str(), first.as_str(), made.as_str()].map(base64);
    let planted = Planted(forms.map(str::to_owned).into_iter().chain(encoded).collect());

    let sites: Vec<_> = project.report().sites.iter().map(|site| site.name.clone()).collect();
    assert!(!sites.is_empty());
    for said in [&outcome, &up, &again] {
        assert_eq!(find_planted(&project, said, &planted), [""; 0], "{said:?}");
    }
    assert_eq!(outcome.code(), Some(3), "{}", outcome.stderr);
    assert_eq!((up.code(), again.code()), (Some(0), Some(1)), "{}{}", up.stderr, again.stderr);

    let calls = lines
        .iter()
        .filter(|line| planted.is_in(line))
        .map(|line| String::from_utf8_lossy(line).replace('\0', " "));
    // The site's own step is a command of a shell in its container, as on the live host.
    let ours: Vec<String> = calls.filter(|call| !call.starts_with("/bin/sh -c ")).collect();
    assert_eq!(ours, [""; 0], "in a command line");

    let mut used = BTreeSet::new();
    for found in project.resources() {
        assert!(
            !planted.is_in(format!("{:?}", found.labels).as_bytes()),
            "labels of {}",
            found.resource.name
        );
        if found.resource.kind == stagectl::event::ResourceKind::Container {
            let image = docker(&["inspect", "--format", "{{.Image}}", &found.resource.name]);
            used.insert(String::from_utf8(image).unwrap().trim().to_owned());
            for look in ["inspect", "logs"] {
                assert!(
                    !planted.is_in(&docker(&[look, &found.resource.name])),
                    "{look} of {}",
                    found.resource.name
                );
            }
        }
    }

    let key = lines_of_the_root_key(&project);
    assert!(used.iter().any(|image| !before.contains(image)), "the release is an image of its own");
    let values: Vec<String> = planted.0.into_iter().chain(key).collect();
    let project = project.file("values", &(values.join("\n") + "\n"));
    for image in &used {
        assert!(!is_in_image(&project.path("values"), image), "{image} holds a secret");
    }
    // What finds nothing there finds something where it is.
    let project = project.file("one", "noticeboard\ntiny\n");
    assert!(used.iter().any(|image| is_in_image(&project.path("one"), image)));
    project.run(&["down", "talkative"]).exit_code(0);
}

/// The key of the project's root, which is its owner's alone and good for the project's names alone.
fn lines_of_the_root_key(project: &Project) -> Vec<String> {
    let key_file = project.path(".stagectl/tls/root-key.pem");
    let key_file = if key_file.exists() { key_file } else { root_key(project) };
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    let key = fs::read_to_string(&key_file).unwrap();
    let key: Vec<String> = key
        .lines()
        .filter(|line| !line.starts_with('-') && line.len() > 16)
        .map(str::to_owned)
        .collect();
    assert!(!key.is_empty());
    let certificate = key_file.with_file_name("root.pem");
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-text", "-in"])
        .arg(&certificate)
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let (_, constraints) =
        shown.split_once("Name Constraints: critical").expect("it is constrained");
    for name in [
        "Permitted",
        "DNS:talkative.example",
        "DNS:worse.example",
        "Excluded",
        "IP:0.0.0.0/0.0.0.0",
    ] {
        assert!(constraints.contains(name), "{name} is not in {constraints}");
    }
    key
}

/// The key of the project's root, wherever it is kept.
fn root_key(project: &Project) -> std::path::PathBuf {
    let keys = files(&project.path(".stagectl")).into_iter();
    let mut keys = keys.filter(|file| file.ends_with("root-key.pem"));
    keys.next().expect("the project has a root")
}

/// A variable of the app's process, as it is in the running replica.
fn value_inside(project: &Project, variable: &str) -> String {
    let app = project.resource_names().into_iter().find(|name| name.ends_with("-app"));
    let app = app.expect("the replica is up");
    let script = format!("cat /proc/*/environ | tr '\\0' '\\n' | grep -m 1 '^{variable}='");
    let found =
        String::from_utf8(docker(&["exec", "--user", "tiny", &app, "sh", "-c", &script])).unwrap();
    found.trim().split_once('=').map(|(_, value)| value.to_owned()).unwrap_or_default()
}
