"""Starts the site's processes and waits until the site answers as described.

Reads a `ServeJob` (`job.pyi`) from standard input.
Writes JSON lines: {"event": "started", "role", "pid"}, then one of
{"event": "installed", "packages": [name==version]}, {"event": "machine", "machine": {...}} (see
`machine.py`), {"event": "ready", "waited", "status"}, {"event": "exited", "role", "code", "last_seen",
"detail": what an import of the application says, if it cannot be imported (may be left out)},
{"event": "not-ready", "reason", "last_seen", "quoted" (what the site said, as its end), "status" of that, "waited"}; at the end
{"event": "files", "files": {path: {...}}}, several times.
The processes go on when this program ends, and below them `keep.py` writes down how they end.
"""

import contextlib
import http.client
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import become
import direct
import files
import foreground
import machine
import page
import ready
import stop
from sockets import held_by, listeners

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Confinement, ImportCheck, LoadCheck, Null, Probe, Process, ServeJob

PACE = 0.015  # seconds between two attempts
ATTEMPT = 3.0  # seconds that an attempt waits for the next byte
QUOTED = 8 << 10  # bytes of an answer that are handed over; of these the first are shown
WHOLE = 10.0  # seconds for an attempt as a whole: an answer may come drop by drop
CHECK = 60.0  # seconds that the proxy may take to check its configuration
SETTLED = 3.0  # seconds after which a server that listens elsewhere will not listen here, or goes on


def say(**event):
    quoted = getattr(event.get("last_seen"), "quoted", None)
    if quoted:
        event["quoted"] = quoted
    print(json.dumps(event), flush=True)


def begin(process: "Process", confine: "Confinement | Null", mounting):
    """For the child: what makes it the process that is described."""
    unit = process.get("systemd") or {}
    group = become.group(unit["group"]) if unit.get("group") else None

    def drop():
        become.drop_to(process.get("user"), process.get("umask"), group)
    denied = unit.get("memory_deny_write_execute")
    if not mounting and not denied:
        return drop
    import confinement
    import units
    confined = confine and process["role"] in confine["roles"]

    def prepare():
        try:
            units.give_own_folders(unit, process["role"])
            if confined:
                confinement.make_root_read_only(confine["writable"], process["folder"])
            if mounting:
                # The working folder was entered before there was another mount on it.
                os.chdir(process["folder"])
                confinement.give_up_mounting()
            drop()
            if denied:
                units.deny_writable_code()
        except OSError as error:
            os.write(2, f"stagectl: it could not be given what its unit says: {error}\n".encode())
            raise
    return prepare


def launch(process: "Process", confine: "Confinement | Null", mounting):
    argv, opened = foreground.argv(process, CHECK), None
    restart = (process.get("systemd") or {}).get("restart")
    if restart:
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "restart.py")
        argv = [sys.executable, "-I", "-S", program, restart, *argv]
    if process.get("socket"):
        opened = opened_for_all(process["socket"])
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "activate.py")
        argv = [sys.executable, "-I", "-S", program, str(opened.fileno()), *argv]
    log = os.open(process["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    child = subprocess.Popen(
        argv, env=become.environment(process["env"], process.get("user")), cwd=process["folder"],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        preexec_fn=begin(process, confine, mounting), pass_fds=[opened.fileno()] if opened else [])
    os.close(log)
    if opened:
        opened.close()
    with open(f"/run/stagectl.{process['role']}.pid", "w") as file:
        file.write(str(child.pid))
    say(event="started", role=process["role"], pid=child.pid)
    return child


class GoesOn:
    """A process that runs since an earlier start, whose child it is."""

    def __init__(self, role, pid):
        self.role, self.pid, self.returncode = role, pid, None

    @classmethod
    def find(cls, role):
        """That of this role; None where it does not run."""
        with contextlib.suppress(OSError, ValueError):
            with open(f"/run/stagectl.{role}.pid", encoding="ascii") as file:
                found = cls(role, int(file.read()))
            if found.poll() is None:
                return found
        return None

    def poll(self):
        """As that of a child: how it has ended, as `keep.py` writes it down; None while it runs."""
        if stop.runs(self.pid):
            return None
        with contextlib.suppress(OSError, ValueError), open(f"/run/stagectl.{self.role}.code", encoding="ascii") as file:
            self.returncode = int(file.read())
        return self.returncode if self.returncode is not None else -signal.SIGKILL


def opened_for_all(path):
    """A unix socket as a socket unit of systemd makes it: root's, for everybody (`SocketMode=0666`)."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    opened = socket.socket(socket.AF_UNIX)
    opened.bind(path)
    os.chmod(path, 0o666)
    opened.listen(4096)
    return opened


def elsewhere(listening, children):
    """What a process of the site's own does not open, and what it has opened instead; None if neither.
    What another process opens, such as a worker, says nothing of it."""
    now = listeners()
    for role, child in children:
        missing = set(listening.get(role, ())) - set(now)
        if not missing:
            continue
        held = held_by(child.pid)
        extra = [place for place, inodes in now.items() if place not in listening[role] and inodes & held]
        if extra:
            return min(map(str, missing)), min(extra, key=lambda place: (isinstance(place, str), str(place)))
    return None


def attempt(probe: "Probe"):
    """One request as the world would make it; what was seen, and whether that is what we want."""
    if probe.get("direct"):
        return direct.attempt(probe["direct"])
    url = urllib.parse.urlsplit(probe["url"])
    connection: http.client.HTTPConnection
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
        if probe.get("address"):  # whatever this host's own /etc/hosts says of the name
            connection.sock = socket.create_connection((probe["address"], connection.port), ATTEMPT)
            if url.scheme == "https":
                connection.sock = context.wrap_socket(connection.sock, server_hostname=url.hostname)
        path = url.path + (f"?{url.query}" if url.query else "")
        connection.request("GET", path, headers={"User-Agent": "stagectl", "Accept": "*/*"})
        answer = connection.getresponse()
        body = answer.read(1 << 20)
    finally:
        connection.close()
    seen = f"HTTP {answer.status} {answer.reason} from {probe['url']}"
    if answer.status != probe["status"]:
        joined, says = page.in_words(answer.status, answer.headers, body)
        return answer.status, Quoting(f"{seen}, expected {probe['status']}{joined}", says)
    if probe.get("json") is not None:
        try:
            found = json.loads(body)
        except ValueError:
            return answer.status, Quoting(f"{seen}, but the answer is no JSON: ", repr(body[:QUOTED]))
        missing = differences(probe["json"], found)
        if missing:
            return answer.status, f"{seen}, but {missing}"
    return answer.status, None


class Quoting(str):
    """A text that ends with something that the site said, which is handed over apart: the secrets in it
    must go before it is shortened."""

    quoted: str

    def __new__(cls, text, quoted):
        self = super().__new__(cls, text)
        self.quoted = quoted
        return self


def attempt_in_time(probe: "Probe"):
    """An attempt that ends, whatever the site does."""
    def ring(*_):
        raise TimeoutError(f"no whole answer within {WHOLE:g}s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, WHOLE)
    try:
        return attempt(probe)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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


def imports(check: "ImportCheck", within):
    """Whether the application can be imported at all; the error's text if not. None as well when that
    takes longer than this."""
    options = become.user(check.get("user"))
    try:
        result = subprocess.run(
            check["argv"], env=become.environment(check["env"], check.get("user")), cwd=check["folder"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=max(within, ATTEMPT), stderr=subprocess.PIPE, **options)
    except subprocess.TimeoutExpired:
        return None
    return None if result.returncode == 0 else result.stderr.decode("utf-8", "replace").strip()


def loads(check: "LoadCheck"):
    """What the proxy says of its configuration; None when it loads."""
    try:
        result = subprocess.run(check["argv"], env=check["env"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=CHECK)
    except subprocess.TimeoutExpired:
        return f"{' '.join(check['argv'])} did not end within {CHECK:g}s"
    return None if result.returncode == 0 else result.stdout.decode("utf-8", "replace").strip()


def recorded(path):
    """What the release's image was recorded to hold, and what its virtual environment began with."""
    try:
        with open(path) as file:
            return file.read().split("\n")[:-1]
    except OSError:
        return []


def keep(children, tell):
    """Goes on above the processes as `keep.py`, which is smaller; whoever waits at `tell` may go."""
    children = [(role, child) for role, child in children if not isinstance(child, GoesOn)]
    ended = {role: child.returncode for role, child in children if child.poll() is not None}
    for role, code in ended.items():
        with open(f"/run/stagectl.{role}.code", "w") as file:
            file.write(f"{code}\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.write(tell, b"!")
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keep.py")
    running = [f"{child.pid}={role}" for role, child in children if role not in ended]
    os.execv(sys.executable, [sys.executable, "-I", "-S", program, *running])


def main():
    """Whoever starts a process is the one to hear how it ends: a child, which stays."""
    told, tell = os.pipe()
    starter = os.fork()
    if starter:
        os.close(tell)
        if os.read(told, 1):
            return 0
        _, status = os.waitpid(starter, 0)
        return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    os.close(told)
    os.setsid()
    children: list = []
    job: ServeJob = json.load(sys.stdin)
    say(event="installed", packages=recorded("/opt/stagectl/installed.txt"),
        brought=recorded("/opt/stagectl/brought.txt"))
    say(event="machine", machine=machine.facts())
    late = ready.wait_for_host()
    if late:
        say(event="not-ready", waited=ready.PATIENCE, last_seen="nothing was started yet", reason=late)
        return 0
    seen = files.Files(job["files"]) if "files" in job else None
    serve(job, children, seen)
    for part in seen.parts() if seen else ():
        say(event="files", files=part)
    if children:
        keep(children, tell)
    return 0


def serve(job: "ServeJob", children, seen):
    """Starts the processes, adds each to `children`, and ends when the site answers, or never will."""
    places = {place for places in job["listening"].values() for place in places}
    running = {role: found for role in job.get("goes_on", ()) for found in [GoesOn.find(role)] if found}
    held = {place for role in running for place in job["listening"].get(role, ())}
    taken = set(listeners()) & places - held
    if taken:
        say(event="not-ready", waited=0.0, last_seen="nothing was started yet",
            reason=f"something listens on {sorted(map(str, taken))[0]} already")
        return
    if "check" in job:
        check, problem = job["check"], loads(job["check"])
        if problem:
            say(event="not-ready", waited=0.0, last_seen="", source=check["role"],
                reason=f"{check['role']} does not load {check['file']}", detail=problem)
            return
    confine = job.get("confine")
    if confine:
        import confinement
        absent = confinement.missing(confine["writable"])
        if absent:
            say(event="not-ready", waited=0.0, last_seen="nothing was started yet",
                reason=f"{absent[0]} is described as writable, and is not there")
            return
    if job.get("open_files"):
        soft, hard = job["open_files"]
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    start = time.monotonic()
    for process in job["processes"]:
        found = running.get(process["role"])
        if found:
            say(event="started", role=found.role, pid=found.pid)
            children.append((found.role, found))
            continue
        try:
            children.append((process["role"], launch(process, confine, job.get("mounting"))))
        except (OSError, subprocess.SubprocessError) as error:
            say(event="exited", role=process["role"], code=127,
                last_seen=f"could not run {process['argv'][0]}: {error}")
            return
    if seen:
        seen.begin()
    probe, last_seen, checked = job["probe"], "no answer yet", job.get("import") is None
    address = probe["url"] or "this host"
    # A server of its own ends when its application cannot be imported, and its log says why; Apache
    # goes on, and so may others that are told to.
    broken, patience = None, SETTLED if any(role.startswith("wsgi") for role, _ in children) else 0.0
    while True:
        for role, child in children:
            if child.poll() is not None:
                ended = {"role": role, "code": child.returncode, "last_seen": last_seen}
                # Some servers say why, and some do not.
                if (role.startswith("wsgi") or role == "apache") and not checked:
                    ended["detail"] = imports(job["import"], ATTEMPT)
                say(event="exited", **ended)
                return
        waited = time.monotonic() - start
        status = None
        missing = places - set(listeners())
        try:
            # A proxy that is asked too early logs an error that no live site has.
            if missing and (waited < SETTLED or not probe["url"]):
                raise ConnectionRefusedError(f"nothing listens on {sorted(map(str, missing))[0]} yet")
            status, problem = attempt_in_time(probe) if probe["url"] or probe.get("direct") else (None, None)
            if problem is None:
                say(event="ready", waited=round(time.monotonic() - start, 3), status=status)
                return
            last_seen = problem
        except (OSError, http.client.HTTPException) as error:
            last_seen = f"{type(error).__name__}: {error} from {address}"
        if status is not None and status >= 500 and not checked and waited > 0.5:
            checked = True
            broken = imports(job["import"], probe["within"] - waited)
            patience += time.monotonic() - start
        if broken and waited >= patience:
            say(event="not-ready", waited=round(waited, 3), last_seen=last_seen,
                reason="the application cannot be imported", detail=broken)
            return
        moved = elsewhere(job["listening"], children) if waited > SETTLED else None
        if moved:
            say(event="not-ready", waited=round(waited, 3), last_seen=last_seen,
                reason=f"nothing listens on {moved[0]}, but something on {moved[1]}")
            return
        if waited > probe["within"]:
            say(event="not-ready", waited=round(waited, 3), last_seen=last_seen, status=status,
                reason=f"not ready within {probe['within']:g}s")
            return
        time.sleep(PACE)


if __name__ == "__main__":
    sys.exit(main())
