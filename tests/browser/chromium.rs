//! Chromium without a window, driven by its `DevTools` protocol over a pair of pipes.
//!
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one page open; it ends with this value.
pub(crate) struct Browser {
    process: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    calls: u64,
    /// What the browser reported without being asked.
    reported: Vec<Value>,
    _folder: TempDir,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Browser {
    pub(crate) fn start() -> Browser {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("mkfifo").args(["to", "from"]).current_dir(&folder).status();
        assert!(made.unwrap().success());
        let mut command = Command::new("sh");
        command.args(["-c", "exec chromium \"$@\" 3<to 4>from", "sh"]);
        command.args(["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"]);
        command.args(["--no-first-run", "--remote-debugging-pipe", "--user-data-dir=profile"]);
        if rustix::process::getuid().is_root() {
            command.arg("--no-sandbox");
        }
        command.current_dir(&folder).env("HOME", folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        // Each waits for its other end, in the shell's order.
        let to = OpenOptions::new().write(true).open(folder.path().join("to")).unwrap();
        let from = BufReader::new(File::open(folder.path().join("from")).unwrap());
        let (session, reported) = (None, Vec::new());
        let mut browser =
            Browser { process, to, from, session, calls: 0, reported, _folder: folder };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Network", "Log", "Runtime", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks, and waits for the answer.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        self.to.write_all(&bytes).expect("chromium is there: `tests/setup.sh tests` installs it");
        loop {
            let message = self.next();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.reported.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "chromium ended: `tests/setup.sh tests` installs it");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a file, and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path) {
        self.reported.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        while !self.reported.iter().any(|reported| reported["method"] == "Page.loadEventFired") {
            let message = self.next();
            self.reported.push(message);
        }
    }

    /// What a script says, as JSON.
    #[track_caller]
    pub(crate) fn say(&mut self, script: &str) -> Value {
        let ask = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", ask);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    pub(crate) fn width(&mut self, pixels: u32) {
        let screen =
            json!({"width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": pixels < 500});
        self.call("Emulation.setDeviceMetricsOverride", screen);
    }

    pub(crate) fn scheme(&mut self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    pub(crate) fn on_paper(&mut self) {
        self.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    }

    pub(crate) fn press(&mut self, key: &str, code: u32) {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({"type": kind, "key": key, "code": key, "text": text, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// The addresses that were asked for since the page was opened.
    pub(crate) fn requests(&self) -> Vec<String> {
        let asked = self
            .reported
            .iter()
            .filter(|reported| reported["method"] == "Network.requestWillBeSent");
        asked
            .map(|reported| reported["params"]["request"]["url"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What the browser complained about since then: errors, refused styles, exceptions.
    pub(crate) fn complaints(&self) -> Vec<String> {
        const COMPLAINTS: [&str; 3] =
            ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"];
        let reported = self.reported.iter();
        let complaints =
            reported.filter(|reported| COMPLAINTS.iter().any(|one| reported["method"] == *one));
        complaints.map(|reported| reported["params"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
