"""Leads the proxy to the server that was started beside the one that runs, and ends that one.

Reads a `SwitchJob` (`job.pyi`) from standard input. The proxy is asked whether its new configuration loads, and takes
it; when none of its processes has the old one any more, the processes before are ended as `stop.py` ends them, and
those beside them take their names.
Writes JSON lines: {"event": "runs", "role", "pid"} for each process of the host; {"event": "refused", "detail"} where
the configuration does not load, and nothing was done.
"""

import contextlib
import glob
import json
import os
import signal
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import stop

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Reload, SwitchJob

CHECK = 60.0  # seconds that the proxy may take to check its configuration
PATIENCE = 10.0  # seconds that its processes have for the requests that they have begun


def say(**event):
    print(json.dumps(event), flush=True)


def pid_of(role):
    with open(f"/run/stagectl.{role}.pid", encoding="ascii") as file:
        return int(file.read())


def children(parent):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError), open(path, encoding="utf-8", errors="replace") as file:
            if int(file.read().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.split("/")[2]))
    return found


def reload(proxy: "Reload"):
    """What is wrong with the configuration; None when the proxy has taken it."""
    try:
        result = subprocess.run(proxy["argv"], env=proxy["env"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=CHECK)
    except subprocess.TimeoutExpired:
        return f"{' '.join(proxy['argv'])} did not end within {CHECK:g}s"
    if result.returncode:
        return result.stdout.decode("utf-8", "replace").strip()
    master = pid_of(proxy["role"])
    before = children(master)
    os.kill(master, getattr(signal, f"SIG{proxy['signal']}"))
    stop.wait(lambda: not any(map(stop.runs, before)), PATIENCE)
    return None


def main():
    job: SwitchJob = json.load(sys.stdin)
    if job["proxy"]:
        problem = reload(job["proxy"])
        if problem:
            say(event="refused", role=job["proxy"]["role"], detail=problem)
            return 1
    left = stop.end(job["processes"])
    for role, _ in job["processes"]:
        with contextlib.suppress(FileNotFoundError):
            beside = role + job["next"]
            os.rename(f"/run/stagectl.{beside}.pid", f"/run/stagectl.{role}.pid")
    for path in glob.glob("/run/stagectl.*.pid"):
        role = path.removeprefix("/run/stagectl.").removesuffix(".pid")
        say(event="runs", role=role, pid=pid_of(role))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
