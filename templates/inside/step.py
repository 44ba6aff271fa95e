"""Runs one command the way the site would: as its user, with its variables and nothing else.

Reads a `StepJob` (`job.pyi`) from standard input. Its standard output is all that
the command wrote, in that order: of two streams nobody could tell what came first. It ends with the
command's exit code, 124 after the time-out (the whole process group is killed), 126/127 when the command
cannot be run, or the host does not get ready.

A command that is `held` has the reading end of a pipe in STAGECTL_GATE, and a byte comes there for each gate that `release.py`
opens, which can also have it killed. That it can be is said on standard error: `held`. The time of such a command is counted
from its first gate on.
"""

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import become
import ready

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import StepJob


GATE = "/run/stagectl.gate"


class Gates:
    """What lets a command on that waits."""

    def __init__(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(GATE)
        os.mkfifo(GATE, 0o600)
        # For writing as well: it has no end while nobody else has it open.
        self.asked = os.open(GATE, os.O_RDWR | os.O_NONBLOCK)
        self.read, self.write = os.pipe()
        self.woken, wake = os.pipe()
        for descriptor in (self.woken, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)

    def attend(self, process, timeout):
        """Lets the command on as it is asked to, until it ends; its exit code."""
        print("held", file=sys.stderr, flush=True)
        end = None
        while process.poll() is None:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self.asked, self.woken], [], [], left)
            if not ready:
                raise subprocess.TimeoutExpired(process.args, timeout)
            if self.woken in ready:
                os.read(self.woken, 1 << 10)
            if self.asked in ready:
                end = end or time.monotonic() + timeout
                wish = os.read(self.asked, 1)
                if wish != b"!":
                    os.killpg(process.pid, signal.SIGKILL)
                os.write(self.write, wish)
        return process.returncode


def main():
    job: StepJob = json.load(sys.stdin)
    late = ready.wait_for_host()
    if late:
        print(f"stagectl: {late}", file=sys.stderr)
        sys.exit(126)
    if job.get("open_files"):
        soft, hard = job["open_files"]
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for path in job.get("remove", []):
        with contextlib.suppress(OSError):
            os.remove(path)
    command, env = job["command"], become.environment(job["env"], job.get("user"))
    gates = Gates() if job.get("held") else None
    if gates:
        env = {**env, "STAGECTL_GATE": str(gates.read)}
    argv = ["/bin/sh", "-c", command] if isinstance(command, str) else command
    try:
        process = subprocess.Popen(
            argv, env=env, cwd=job["folder"], stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, start_new_session=True, pass_fds=[gates.read] if gates else [],
            **become.user(job.get("user"), job.get("umask", 0o022)))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"could not run {argv[0]}: {error}", file=sys.stderr)
        sys.exit(127)
    try:
        code = gates.attend(process, job["timeout"]) if gates else process.wait(job.get("timeout"))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        sys.exit(124)
    sys.exit(128 - code if code < 0 else code)


if __name__ == "__main__":
    main()
