"""Writes down what the site's own Python touches: variables read, hosts looked up, addresses connected, files opened.

It is there in the one rehearsal of `stagectl crucial` that observes the unchanged site, in the environment of the release, and
nowhere else. Each process writes JSON lines to a file of its own: {"kind", "what", "by"}, each fact once. What goes wrong here
is nobody's affair: the app goes on.
"""

import json
import os
import sys
import time

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    import types
    from typing import Any

FOLDER = "/opt/stagectl/observed"
MOST = 5000  # facts of one process
# Between a look at all names and the values that are taken for them, in seconds.
AT_ONCE = 0.02
HIDDEN = ("/proc/", "/dev/", "/sys/", FOLDER)
# What reads for somebody else.
BETWEEN = os.path.dirname(os.__file__)


class Notes:
    def __init__(self):
        self.pid, self.file, self.seen = 0, -1, set()
        self.busy = False

    def write(self, kind, what, by):
        if self.busy or (kind, what, by) in self.seen or len(self.seen) > MOST:
            return
        self.busy = True
        try:
            self.seen.add((kind, what, by))
            if self.pid != os.getpid():
                self.pid = os.getpid()
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self.file = os.open(f"{FOLDER}/{self.pid}.jsonl", flags, 0o644)
            os.write(self.file, json.dumps({"kind": kind, "what": what, "by": by}).encode() + b"\n")
        except Exception:
            pass
        finally:
            self.busy = False


NOTES = Notes()


def reader():
    """The file of the code that asked: not Python's own, if anybody else did."""
    first = ""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith("<") and name != __file__:
            first = first or name
            if not name.startswith(BETWEEN):
                return name
        frame = frame.f_back
    return first


def hear(event, arguments):
    if NOTES.busy:
        return
    if event == "open":
        path = arguments[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, str) and not path.startswith(HIDDEN) and not path.endswith((".py", ".pyc", ".so")):
            path = os.path.abspath(path)
            if not path.startswith((sys.prefix, sys.base_prefix + "/lib/python")):
                NOTES.write("file", path, reader())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        NOTES.write("host", str(host), reader())
    elif event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple):
            NOTES.write("address", f"{address[0]} {address[1]}", reader())
        else:
            NOTES.write("file", os.fsdecode(address), reader())


class Handed:
    """The names that somebody was given all at once."""

    def __init__(self):
        self.at = 0.0
        self.names: set[str] = set()


def watch_variables():
    kind: Any = type(os.environ)
    get, walk = kind.__getitem__, kind.__iter__
    handed = Handed()

    def getitem(self, key):
        name = os.fsdecode(key) if isinstance(key, (bytes, str)) else ""
        if name in handed.names and time.monotonic() - handed.at < AT_ONCE:
            handed.names.discard(name)
        else:
            NOTES.write("variable", name, reader())
        return get(self, key)

    def iterate(self):
        handed.at, handed.names = time.monotonic(), {os.fsdecode(key) for key in self._data}
        NOTES.write("copy", "", reader())
        return walk(self)

    kind.__getitem__, kind.__iter__ = getitem, iterate


try:
    sys.addaudithook(hear)
    watch_variables()
except Exception:
    pass
