"""Becomes a person's command: as the site's user, with its variables, in its folder.

Its argument is the path of a file that only root can read and that it takes away: an `EnterJob` (`job.pyi`). It ends
as the command does; 126 or 127 when that cannot be run.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import become

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import EnterJob

SHELLS = ["/bin/bash", "/bin/sh"]


def await_size():
    """A terminal gets its size from afar, a moment after it begins."""
    for _ in range(100):
        if os.get_terminal_size(0).columns:
            return
        time.sleep(0.01)


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        job: EnterJob = json.load(file)
    os.unlink(path)
    if job["terminal"]:
        await_size()
    else:
        with contextlib.suppress(OSError):  # it leads one already
            os.setsid()
    with open(job["pid"], "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    argv = job["argv"] or [next(shell for shell in SHELLS if os.path.exists(shell))]
    if job.get("open_files"):
        soft, hard = job["open_files"]
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    umask = job.get("umask")
    # Python passes on that it ignores it, and a person's command is to end when nobody reads it any more.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        env = become.environment(job["env"], job.get("user"))
        become.drop_to(job.get("user"), 0o022 if umask is None else umask)
        os.chdir(job["folder"])
        os.execvpe(argv[0], argv, env)
    except OSError as error:
        print(f"stagectl: could not run {argv[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


if __name__ == "__main__":
    main()
