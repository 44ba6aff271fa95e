"""Starts the site's processes and waits until the site answers as described.

Reads one JSON object from standard input:
{"processes": [{"role", "argv", "env", "user", "folder", "umask" (may be left out), "log"}], "listening": [ports or socket
paths that must be free before], "probe": {"url", "status", "json", "within"}, "import": {"argv",
"env", "user", "folder"} or null, "check": {"role", "argv", "env", "file"} (may be left out: asks the
proxy whether its live configuration loads), "confine": {"roles": [], "writable": [folders]} or null,
"open_files": [soft, hard] or null, "files": what `files.py` lists}.
Writes JSON lines: {"event": "started", "role", "pid"}, then one of
{"event": "installed", "packages": [name==version]}, {"event": "machine", "machine": {...}} (see
`machine.py`), {"event": "ready", "waited", "status"}, {"event": "exited", "role", "code", "last_seen"},
{"event": "not-ready", "reason", "last_seen", "waited"}; at the end {"event": "files", "files": {path:
{...}}}, several times.
The processes go on when this program ends.
"""

import http.client
import json
import os
import pwd
import re
import resource
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import files  # noqa: E402
import machine  # noqa: E402

PACE = 0.015  # seconds between two attempts
ATTEMPT = 3.0  # seconds that one attempt may take
SETTLED = 3.0  # seconds after which a server that listens elsewhere will not listen here, or goes on


def say(**event):
    print(json.dumps(event), flush=True)


def become(user, umask=None):
    def drop():
        if umask is not None:
            os.umask(umask)
        if user:
            entry = pwd.getpwnam(user)
            os.initgroups(user, entry.pw_gid)
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
    return drop


def begin(process, confine):
    """For the child: what makes it the process that is described."""
    drop = become(process.get("user"), process.get("umask"))
    if not confine:
        return drop
    import confinement
    confined = process["role"] in confine["roles"]

    def prepare():
        try:
            if confined:
                confinement.make_root_read_only(confine["writable"], process["folder"])
            confinement.give_up_mounting()
        except OSError as error:
            os.write(2, f"stagectl: the root could not be made read-only: {error}\n".encode())
            raise
        drop()
    return prepare


def launch(process, confine):
    log = os.open(process["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    child = subprocess.Popen(
        process["argv"], env=process["env"], cwd=process["folder"], stdin=subprocess.DEVNULL,
        stdout=log, stderr=log, start_new_session=True, preexec_fn=begin(process, confine))
    os.close(log)
    with open(f"/run/stagectl.{process['role']}.pid", "w") as file:
        file.write(str(child.pid))
    say(event="started", role=process["role"], pid=child.pid)
    return child


def listeners():
    """What listens here: TCP ports and unix sockets."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as file:
                rows = file.read().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            # The embedded resolver of Docker listens on 127.0.0.11, on a random port.
            if fields[3] == "0A" and not fields[1].startswith("0B00007F"):
                found.add(int(fields[1].rsplit(":", 1)[1], 16))
    with open("/proc/net/unix") as file:
        for row in file.read().splitlines()[1:]:
            fields = row.split()
            if len(fields) > 7 and fields[3] == "00010000":
                found.add(fields[7])
    return found


def attempt(probe):
    """One request as the world would make it; what was seen, and whether that is what we want."""
    url = urllib.parse.urlsplit(probe["url"])
    if url.scheme == "https":
        # The name is checked by the diagnosis, which says more; here any valid chain will do, and
        # any at all where the description says that clients cannot verify it.
        context = ssl.create_default_context()
        context.check_hostname = False
        if not probe.get("verify", True):
            context.verify_mode = ssl.CERT_NONE
        if probe.get("client"):
            context.load_cert_chain(probe["client"]["certificate"], probe["client"]["key"])
        connection = http.client.HTTPSConnection(
            url.hostname, url.port, timeout=ATTEMPT, context=context)
    else:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=ATTEMPT)
    try:
        path = url.path + (f"?{url.query}" if url.query else "")
        connection.request("GET", path, headers={"User-Agent": "stagectl", "Accept": "*/*"})
        answer = connection.getresponse()
        body = answer.read(1 << 20)
    finally:
        connection.close()
    seen = f"HTTP {answer.status} {answer.reason} from {probe['url']}"
    if answer.status != probe["status"]:
        return answer.status, f"{seen}, expected {probe['status']}"
    if probe.get("json") is not None:
        try:
            found = json.loads(body)
        except ValueError:
            return answer.status, f"{seen}, but the answer is no JSON: {body[:120]!r}"
        missing = differences(probe["json"], found)
        if missing:
            return answer.status, f"{seen}, but {missing}"
    return answer.status, None


def differences(wanted, found, path=""):
    """The first member that is not as described, in words; None when all are."""
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return f"`{path or '.'}` is {json.dumps(found)}, expected an object"
        for key, value in wanted.items():
            where = f"{path}.{key}" if path else key
            if key not in found:
                return f"`{where}` is not in the answer"
            other = differences(value, found[key], where)
            if other:
                return other
        return None
    return None if wanted == found else (
        f"`{path}` is {json.dumps(found)}, expected {json.dumps(wanted)}")


def imports(check):
    """Whether the application can be imported at all; the error's text if not."""
    result = subprocess.run(
        check["argv"], env=check["env"], cwd=check["folder"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=become(check.get("user")))
    return None if result.returncode == 0 else result.stderr.decode("utf-8", "replace").strip()


def loads(check):
    """What the proxy says of its configuration; None when it loads."""
    result = subprocess.run(check["argv"], env=check["env"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return None if result.returncode == 0 else result.stdout.decode("utf-8", "replace").strip()


def installed():
    """What the release's image was recorded to hold."""
    try:
        with open("/opt/stagectl/installed.txt") as file:
            return file.read().split("\n")[:-1]
    except OSError:
        return []


def main():
    job = json.load(sys.stdin)
    say(event="installed", packages=installed())
    say(event="machine", machine=machine.facts())
    while not os.path.exists("/run/stagectl.ready"):
        time.sleep(0.01)
    seen = files.Files(job["files"])
    serve(job, seen)
    for part in seen.parts():
        say(event="files", files=part)


def serve(job, seen):
    """Starts the processes, and ends when the site answers, or never will."""
    taken = listeners() & set(job["listening"])
    if taken:
        say(event="not-ready", waited=0.0, last_seen="nothing was started yet",
            reason=f"something listens on {sorted(map(str, taken))[0]} already")
        return
    if "check" in job:
        check, problem = job["check"], loads(job["check"])
        if problem:
            first = re.sub(r"^[\d/]+ [\d:]+ (\[\w+\]) [\d#]+:", r"nginx: \1", problem.splitlines()[0])
            say(event="not-ready", waited=0.0, last_seen=first, source=check["role"],
                reason=f"{check['role']} does not load {check['file']}", detail=problem)
            return
    confine = job.get("confine")
    if confine:
        from confinement import missing
        absent = missing(confine["writable"])
        if absent:
            say(event="not-ready", waited=0.0, last_seen="nothing was started yet",
                reason=f"{absent[0]} is described as writable, and is not there")
            return
    if job.get("open_files"):
        resource.setrlimit(resource.RLIMIT_NOFILE, tuple(job["open_files"]))
    before = listeners()
    start = time.monotonic()
    children = []
    for process in job["processes"]:
        try:
            children.append((process["role"], launch(process, confine)))
        except (OSError, subprocess.SubprocessError) as error:
            say(event="exited", role=process["role"], code=127,
                last_seen=f"could not run {process['argv'][0]}: {error}")
            return
    seen.begin()
    probe, last_seen, checked = job["probe"], "no answer yet", job.get("import") is None
    # A server of its own ends when its application cannot be imported, and its log says why; Apache
    # goes on, and so may others that are told to.
    broken, patience = None, SETTLED if "wsgi" in dict(children) else 0.0
    while True:
        for role, child in children:
            if child.poll() is not None:
                say(event="exited", role=role, code=child.returncode, last_seen=last_seen)
                return
        waited = time.monotonic() - start
        status = None
        missing = set(job["listening"]) - listeners()
        try:
            # A proxy that is asked too early logs an error that no live site has.
            if missing and waited < SETTLED:
                raise ConnectionRefusedError(f"nothing listens on {sorted(map(str, missing))[0]} yet")
            status, problem = attempt(probe)
            if problem is None:
                say(event="ready", waited=round(time.monotonic() - start, 3), status=status)
                return
            last_seen = problem
        except (OSError, http.client.HTTPException) as error:
            last_seen = f"{type(error).__name__}: {error} from {probe['url']}"
        if status is not None and status >= 500 and not checked and waited > 0.5:
            checked = True
            broken = imports(job["import"])
            patience += time.monotonic() - start
        if broken and waited >= patience:
            say(event="not-ready", waited=round(waited, 3), last_seen=last_seen,
                reason="the application cannot be imported", detail=broken)
            return
        # A worker may listen wherever it likes, and long before a slow server does.
        if waited > SETTLED and {role for role, _ in children} <= {"wsgi", "nginx", "apache"}:
            now = listeners()
            missing, extra = set(job["listening"]) - now, now - before - set(job["listening"])
            if missing and extra:
                say(event="not-ready", waited=round(waited, 3), last_seen=last_seen,
                    reason=f"nothing listens on {sorted(map(str, missing))[0]}, but something on "
                           f"{sorted(map(str, extra))[0]}")
                return
        if waited > probe["within"]:
            say(event="not-ready", waited=round(waited, 3), last_seen=last_seen,
                reason=f"not ready within {probe['within']:g}s")
            return
        time.sleep(PACE)


main()
