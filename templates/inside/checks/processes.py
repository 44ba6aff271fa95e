"""The live processes: that they run, their variables, locale, umask and Python."""

import os
import pwd
import shutil
import subprocess

import become
from checks import PROGRAM, Wrong, logs

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob, Started


def stat(pid):
    """State and start time (in ticks since boot) of a process."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return fields[0], int(fields[19])


def alive(job: "DiagnoseJob", process: "Started"):
    try:
        state, _ = stat(process["pid"])
    except FileNotFoundError:
        state = "Z"
    if state == "Z":
        said = "; ".join(line.strip() for line in logs.read(process["log"])[-3:] if line.strip())
        raise Wrong(f"process {process['pid']} has ended{code_of(process['role'])}, its log: {said or 'empty'}")
    with open(f"/proc/{process['pid']}/task/{process['pid']}/children") as file:
        children = file.read().split()
    return f"process {process['pid']}, {len(children)} children"


def code_of(role):
    """With which code a process ended, as `keep.py` wrote it down."""
    try:
        with open(f"/run/stagectl.{role}.code") as file:
            return f" with code {file.read().strip()}"
    except FileNotFoundError:
        return ""


def as_owner(pid, file):
    """What `/proc` tells of a live process; only its own user may read it."""
    owner = os.stat(f"/proc/{pid}")
    raw = subprocess.run(["cat", f"/proc/{pid}/{file}"], stdout=subprocess.PIPE, check=True,
                         timeout=PROGRAM, **become.owner(owner)).stdout
    return raw.decode("utf-8", "surrogateescape")


def environment(pid):
    """The variables of a live process."""
    pairs = [entry.partition("=") for entry in as_owner(pid, "environ").split("\0") if entry]
    return {key: value for key, _, value in pairs}


def variables(job: "DiagnoseJob"):
    found = environment(job["process"])
    wrong = [key for key, value in job["env"].items() if found.get(key) != value]
    extra = sorted(set(found) - set(job["env"]) - set(job["standard"]))
    if wrong:
        raise Wrong(f"not as described in the live process: {', '.join(sorted(wrong))}")
    if extra:
        raise Wrong(f"in the live process, but not described: {', '.join(extra)}")
    return f"{len(job['env'])} as described, no others"


def locale(job: "DiagnoseJob"):
    found = environment(job["process"]).get("LANG")
    if found != job["locale"]:
        raise Wrong(f"LANG is {found}, described {job['locale']}")
    listed = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PROGRAM)
    known = {normal(line) for line in listed.stdout.decode("ascii", "replace").split()}
    if normal(found) not in known:
        raise Wrong(f"LANG is {found}, which this host does not have")
    return found


def normal(name):
    return name.lower().replace("-", "")


def said_by_the_python(job: "DiagnoseJob", script, env=None):
    """What the app's Python says, as the app's user and without the files that it loads by itself: they are
    the release's, and so may the program be."""
    try:
        result = subprocess.run(
            [job["python"], "-I", "-S", "-c", script], env=env or {}, cwd="/", stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PROGRAM, **become.user(job["user"]))
    except subprocess.TimeoutExpired:
        raise Wrong(f"{job['python']} did not end within {PROGRAM:g}s") from None
    except OSError as error:
        raise Wrong(f"{job['python']} cannot be run: {error.strerror}") from error
    if result.returncode != 0:
        raise Wrong(result.stderr.decode("utf-8", "replace").strip() or f"it ended with code {result.returncode}")
    return result.stdout.decode("utf-8", "replace").strip()


def python(job: "DiagnoseJob"):
    real, base = os.path.realpath(job["python"]), os.path.realpath(shutil.which("python3") or "python3")
    if real != base:
        raise Wrong(f"{job['python']} is {real}, not the host's {base}")
    found = said_by_the_python(
        job, "import sys, ssl; print('%d.%d.%d' % sys.version_info[:3], ssl.OPENSSL_VERSION, sep=', ')")
    if not found.startswith(job["python_version"] + "."):
        raise Wrong(f"the app runs Python {found}, described {job['python_version']}")
    return found


def umask(job: "DiagnoseJob"):
    """The bits of every process that runs as the app's user."""
    owner = pwd.getpwnam(job["umask"]["user"]).pw_uid
    found = {}
    for pid in descendants(job["process"]):
        with open(f"/proc/{pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
        if int(fields["Uid"].split()[1]) == owner:
            found[pid] = int(fields["Umask"], 8)
    wrong = sorted({bits for bits in found.values() if bits != job["umask"]["bits"]})
    if wrong or not found:
        shown = ", ".join(f"{bits:04o}" for bits in wrong) or "of no process"
        raise Wrong(f"the umask is {shown}, described {job['umask']['bits']:04o}")
    return f"{job['umask']['bits']:04o} of {len(found)} processes"


def descendants(pid):
    """A process and all below it that are still there."""
    found = [pid]
    for process in found:
        try:
            with open(f"/proc/{process}/task/{process}/children") as file:
                found.extend(int(child) for child in file.read().split())
        except FileNotFoundError:
            continue
    return found
