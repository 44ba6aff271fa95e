"""Stops the site's processes, as their service manager would.

Reads a `StopJob` (`job.pyi`) from standard input: roles, each with a signal such as `TERM`. Each gets its
signal, and what is still there after PATIENCE seconds is killed with all that it has started. Ends when
nothing of them runs and what was noted of them is gone.
"""

import contextlib
import json
import os
import signal
import sys
import time

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import StopJob

PATIENCE = 10.0
PACE = 0.01


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def send(pid, number, group=False):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(PACE)
    return True


def end(processes):
    """Ends the processes of these roles; whether any of them is left."""
    pids = {}
    for role, name in processes:
        try:
            with open(f"/run/stagectl.{role}.pid", encoding="ascii") as file:
                pids[role] = int(file.read())
        except (OSError, ValueError):
            continue
        send(pids[role], getattr(signal, f"SIG{name}"))
    wait(lambda: not any(map(runs, pids.values())), PATIENCE)
    for pid in pids.values():
        send(pid, signal.SIGKILL, group=True)
    left = not wait(lambda: not any(map(runs, pids.values())), PATIENCE)
    # `keep.py` writes down how they ended, and that must not be taken for news later.
    wait(lambda: all(os.path.exists(f"/run/stagectl.{role}.code") for role in pids), 1.0)
    for role in pids:
        for path in (f"/run/stagectl.{role}.pid", f"/run/stagectl.{role}.code"):
            with contextlib.suppress(OSError):
                os.unlink(path)
    return left


def main():
    job: StopJob = json.load(sys.stdin)
    return 1 if end(job["processes"]) else 0


if __name__ == "__main__":
    sys.exit(main())
