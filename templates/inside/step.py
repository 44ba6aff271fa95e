"""Runs one command the way the site would: as its user, with its variables and nothing else.

Reads a `StepJob` (`job.pyi`) from standard input. Its standard output is all that
the command wrote, in that order: of two streams nobody could tell what came first. It ends with the
command's exit code, 124 after the time-out (the whole process group is killed), 126/127 when the command
cannot be run, or the host does not get ready.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import become
import ready

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import StepJob


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
    command = job["command"]
    argv = ["/bin/sh", "-c", command] if isinstance(command, str) else command
    try:
        process = subprocess.Popen(
            argv, env=become.environment(job["env"], job.get("user")), cwd=job["folder"], stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, start_new_session=True,
            **become.user(job.get("user"), job.get("umask", 0o022)))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"could not run {argv[0]}: {error}", file=sys.stderr)
        sys.exit(127)
    try:
        code = process.wait(job.get("timeout"))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        sys.exit(124)
    sys.exit(128 - code if code < 0 else code)


if __name__ == "__main__":
    main()
