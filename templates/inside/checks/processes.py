"""The live processes: that they run, their variables, locale, Python and logs."""

import os
import re
import subprocess

from checks import Wrong

ALARMS = re.compile(r"Traceback \(most recent call last\)|\bCRITICAL\b|\bPANIC\b|\bFATAL\b|\[emerg\]|\[crit\]|segfault")


def stat(pid):
    """State and start time (in ticks since boot) of a process."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return fields[0], int(fields[19])


def alive(job, process):
    try:
        state, _ = stat(process["pid"])
    except FileNotFoundError:
        raise Wrong(f"process {process['pid']} has ended") from None
    if state == "Z":
        raise Wrong(f"process {process['pid']} has ended")
    with open(f"/proc/{process['pid']}/task/{process['pid']}/children") as file:
        children = file.read().split()
    return f"process {process['pid']}, {len(children)} children"


def as_owner(pid, file):
    """What `/proc` tells of a live process; only its own user may read it."""
    owner = os.stat(f"/proc/{pid}").st_uid

    def become():
        os.setgid(owner)
        os.setuid(owner)

    raw = subprocess.run(["cat", f"/proc/{pid}/{file}"], stdout=subprocess.PIPE, check=True,
                         preexec_fn=become if owner else None).stdout
    return raw.decode("utf-8", "surrogateescape")


def environment(pid):
    """The variables of a live process."""
    pairs = [entry.partition("=") for entry in as_owner(pid, "environ").split("\0") if entry]
    return {key: value for key, _, value in pairs}


def variables(job):
    found = environment(job["process"])
    wrong = [key for key, value in job["env"].items() if found.get(key) != value]
    extra = sorted(set(found) - set(job["env"]) - set(job["standard"]))
    if wrong:
        raise Wrong(f"not as described in the live process: {', '.join(sorted(wrong))}")
    if extra:
        raise Wrong(f"in the live process, but not described: {', '.join(extra)}")
    return f"{len(job['env'])} as described, no others"


def locale(job):
    found = environment(job["process"]).get("LANG")
    if found != job["locale"]:
        raise Wrong(f"LANG is {found}, described {job['locale']}")
    listed = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    known = {normal(line) for line in listed.stdout.decode("ascii", "replace").split()}
    if normal(found) not in known:
        raise Wrong(f"LANG is {found}, which this host does not have")
    return found


def normal(name):
    return name.lower().replace("-", "")


def python(job):
    script = "import sys, ssl; print('%d.%d.%d' % sys.version_info[:3], ssl.OPENSSL_VERSION, sep=', ')"
    found = subprocess.run([job["python"], "-I", "-c", script], stdout=subprocess.PIPE).stdout.decode().strip()
    if not found.startswith(job["python_version"] + "."):
        raise Wrong(f"the app runs Python {found}, described {job['python_version']}")
    return found


def quiet_logs(job):
    for log in job["logs"]:
        try:
            with open(log, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            continue
        for number, line in enumerate(lines):
            if ALARMS.search(line):
                shown = lines[number:]
                # A traceback says what happened in its first line that is not indented.
                end = next((other for other in shown[1:] if other and not other[0].isspace()), "")
                raise Wrong(f"{log}: {line.strip()} {end.strip()}".strip())
    return f"{len(job['logs'])} logs"
