"""The built-in checks of a deployed site, from inside its host, by the site's own Python.

Reads a `DiagnoseJob` or, on the proxy's own host, a `DiagnoseProxyJob` (`job.pyi`) from standard input, and
writes one JSON line a check: {"name", "passed", "detail", "quoted" (what the site said, as its end), "took"}. Before them comes
{"sizes": {path: bytes}, "absent": [path]}, of the proxy's logs and of static folders. The checks themselves are in `checks/`.
"""

import json
import os
import queue
import sys
import threading
import time

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
from checks import CHECK, Wrong, answers, certificates, elsewhere, handshakes, host, logs, names, processes, services, units

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob, Started


def run_of(job: "DiagnoseJob", process: "Started"):
    return f"{process['role']} runs", lambda: processes.alive(job, process)


def checks_of(job: "DiagnoseJob"):
    """Name and call of every check that this site has, or of those that only the proxy's host can make."""
    if job.get("part") == "proxy":
        yield from (run_of(job, process) for process in job["processes"])
        yield "logs of the proxy", lambda: logs.quiet(job)
        return
    for name in job["names"]:
        yield f"{name} resolves", lambda name=name: names.resolves(job, name)
        if job["tls"]:
            yield f"certificate of {name}, seen by Python", lambda name=name: certificates.seen_by_python(job, name)
            yield f"certificate of {name}, seen by OpenSSL", lambda name=name: certificates.seen_by_openssl(job, name)
    if job["tls"]:
        yield "TLS versions", lambda: handshakes.versions(job)
        if job["tls"]["ciphers"]:
            yield "ciphers", lambda: handshakes.ciphers(job)
        if job["tls"]["client"]:
            yield "client certificates", lambda: handshakes.client_certificates(job)
        if job["tls"]["trust"] is not None:
            yield "trust", lambda: certificates.trust(job)
        yield "plain HTTP", lambda: answers.plain_http(job)
    yield "health", lambda: answers.health(job)
    for url in job.get("applications", ()):
        yield f"application at {url}", lambda url=url: answers.application(job, url)
    if "hsts" in job:
        yield "HSTS", lambda: answers.hsts(job)
    if "body" in job:
        yield "largest body", lambda: answers.largest_body(job)
    for folder in job.get("media", ()):
        yield f"media at {folder['url']}", lambda folder=folder: answers.media(folder)
    yield from (run_of(job, process) for process in job["processes"])
    for entry in job.get("units", ()):
        yield f"systemd of {entry['role']}", lambda entry=entry: units.as_described(job, entry)
    yield "logs", lambda: logs.quiet(job)
    yield "Python", lambda: processes.python(job)
    yield "locale", lambda: processes.locale(job)
    yield "time zone", lambda: host.time_zone(job)
    yield "variables", lambda: processes.variables(job)
    if "umask" in job:
        yield "umask", lambda: processes.umask(job)
    facts = {
        "user": host.user, "hostname": host.hostname, "tmp": host.temporary, "shm": host.shared_memory,
        "open_files": host.open_files, "limits": host.limits, "writable": host.read_only_root,
        "clock": host.clock, "lookup": host.lookup, "without_ipv6": host.without_ipv6,
        "families": host.families, "locales": host.locales, "localtime": host.localtime, "hosts": names.of_the_host,
    }
    for key, expected in job["host"].items():
        yield facts[key].__doc__, lambda key=key, expected=expected: facts[key](job, expected)
    for service in (service for service in job["services"] if service["port"] or service["tls_port"] or service.get("socket")):
        yield f"{service['role']} answers", lambda service=service: services.answers(job, service)


def perform(name, call):
    start, quoted = time.monotonic(), ""
    try:
        passed, detail = True, call()
    except Wrong as error:
        passed, detail, quoted = False, str(error), error.quoted
    except Exception as error:  # a check that breaks is a failed check, never a lost one
        passed, detail = False, f"{type(error).__name__}: {error}"
    return {"name": name, "passed": passed, "detail": detail, "quoted": quoted,
            "took": round(time.monotonic() - start, 3)}


class Running(threading.Thread):
    """One check, which holds a place until it is done, or until nobody waits for it any more."""

    def __init__(self, name, call, places):
        super().__init__(daemon=True)
        self.entry, self.places = (name, call), places
        self.begun = threading.Event()
        self.result: queue.Queue = queue.Queue()

    def begin(self):
        self.places.acquire()
        try:
            self.start()
        except RuntimeError as error:  # no more threads may be there: nobody would ever be done waiting
            print(f"{self.entry[0]}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        self.begun.set()

    def run(self):
        self.result.put(perform(*self.entry))
        self.places.release()

    def outcome(self):
        self.begun.wait()
        try:
            return self.result.get(timeout=CHECK)
        except queue.Empty:
            self.places.release()
            return {"name": self.entry[0], "passed": False, "took": CHECK,
                    "detail": f"it did not end within {CHECK:g}s"}


def main():
    job: DiagnoseJob = json.load(sys.stdin)
    elsewhere.update(job.get("elsewhere", {}))
    answers.shown = job.get("tls") and job["tls"]["client"]
    absent = [folder for folder in job.get("static_files", ()) if not os.path.isdir(folder)]
    print(json.dumps({"sizes": logs.sizes(job), "absent": absent}), flush=True)
    # Before the others, which look at what they leave behind.
    for entry in job.get("timers", ()):
        print(json.dumps(perform(f"timer {entry['name']}", lambda entry=entry: units.timer(job, entry))), flush=True)
    places = threading.Semaphore(8)
    running = [Running(name, call, places) for name, call in checks_of(job)]
    threading.Thread(target=lambda: [check.begin() for check in running], daemon=True).start()
    for check in running:
        print(json.dumps(check.outcome()), flush=True)
    # Not the usual way out, which a check that hangs could be in.
    os._exit(0)


if __name__ == "__main__":
    main()
