"""Tells what log files of a host say, or how long they are.

Reads a `SaidJob` (`job.pyi`) from standard input. The patterns are globs; of the folders, the `*.log` count that were
written since the host started, with their path as their source. Of each file what comes after its `skip`
is told, its beginning and its end if that is long. Writes JSON lines: {"source", "path", "text"}, or
{"path", "size"} where only the sizes are asked for.
"""

import glob
import json
import os
import stat
import sys

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import SaidJob

MOST = 1 << 20  # bytes of a file
MOST_FILES = 60
MOST_FOUND = 20_000  # files and folders that are looked at
LONGEST = 16 << 10  # bytes of a line
# What stagectl, servers and the system write there by themselves.
NOT_THE_APP_S = ("/var/log/stagectl", "/var/log/nginx", "/var/log/apache2", "/var/log/apt")
NOT_LOGS = ("access",)


def start_of_host():
    try:
        return os.stat("/run/stagectl.ready").st_mtime
    except OSError:
        return None


def written(folders):
    """The logs below the folders that are newer than the host's start."""
    since, seen = start_of_host(), 0
    for top in folders:
        for folder, inner, files in os.walk(top):
            seen += 1 + len(files)
            if since is None or seen > MOST_FOUND:
                return
            inner[:] = sorted(name for name in inner if os.path.join(folder, name) not in NOT_THE_APP_S)
            for name in sorted(files):
                path = os.path.join(folder, name)
                if name.endswith(".log") and os.lstat(path).st_mtime >= since:
                    yield path, path


def listed(job: "SaidJob"):
    known = set()
    for source, pattern in job["files"]:
        paths = sorted(glob.glob(pattern))
        for path in paths:
            if path not in known and not any(word in os.path.basename(path) for word in NOT_LOGS):
                known.add(path)
                yield source, path
    for source, path in written(job["written"]):
        if path not in known:
            known.add(path)
            yield source, path


def opened(path):
    """A file and its length; nothing that is no file: a pipe would keep who opens it."""
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError:
        return None, 0
    seen = os.fstat(file.fileno())
    if not stat.S_ISREG(seen.st_mode):
        file.close()
        return None, 0
    return file, seen.st_size


def lines(file, size, skip):
    # One that is shorter than it was has begun anew.
    begin = skip if skip <= size else 0
    file.seek(begin)
    if size - begin <= MOST:
        yield from file.read(MOST).split(b"\n")
        return
    *first, _ = file.read(MOST // 2).split(b"\n")
    yield from first
    file.seek(size - MOST // 2)
    _, *last = file.read(MOST // 2).split(b"\n")
    yield from last


def main():
    job: SaidJob = json.load(sys.stdin)
    for number, (source, path) in enumerate(listed(job)):
        if number == MOST_FILES:
            break
        file, size = opened(path)
        if file is None:
            continue
        with file:
            if job.get("sizes"):
                print(json.dumps({"path": path, "size": size}), flush=True)
                continue
            for line in lines(file, size, job["skip"].get(path, 0)):
                text = line[:LONGEST].decode("utf-8", "replace").rstrip("\r")
                if text:
                    print(json.dumps({"source": source, "path": path, "text": text}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
