"""The files that make a site's environment: kind, mode, owner, and what is in them as a digest.

Secrets stay inside: a file that holds one, or a private key, is listed without size and digest, from
which a short one could be guessed. Lists are taken before the site's own processes write anything;
contents are read while these start.
"""

import base64
import grp
import hashlib
import json
import os
import pwd
import re
import stat
import threading
import urllib.parse

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import FilesJob

LARGEST = 1 << 20  # bytes of a file that is read; of a larger one its size tells
MOST = 64 << 20  # bytes that are read of all: a live host's archive may have gigabytes
LINE = 32 << 10  # bytes of a line of the answer, about

# What each build or each start makes anew: it would differ between two sites that are alike.
MADE_ANEW = {
    # Docker's own, and by `host.sh`; name, resolver and clock have checks of their own.
    "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/mtab", "/etc/faketimerc",
    # Numbers, keys and locks that an installation makes, and its copies of files before a change.
    "/etc/machine-id", "/etc/mailname", "/etc/.pwd.lock", "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-",
    # The linker's index, made of what is listed anyway.
    "/etc/ld.so.cache",
    # The run's certificates: the checks say what clients see of them.
    "/etc/ssl/site",
}
# Keys of an installation, and links to certificates by their hash.
MADE_ANEW_LIKE = re.compile(r"/etc/ssh/ssh_host_.*|/etc/ssl/certs/[0-9a-f]{8}\.\d+")
CACHES = ("/__pycache__", "/.cache", ".pyc")
# What begins a private key in a PEM file; in two pieces, for whoever looks for one in this file.
KEY = b" ".join((b"PRIVATE", b"KEY-----"))
# Digests of passwords, and the day of a build.
ALWAYS_SECRET = {"/etc/shadow", "/etc/gshadow"}


class Files:
    """What is there; `begin` starts reading the contents, `parts` has it all, in pieces."""

    def __init__(self, job: "FilesJob"):
        self.job = job
        self.needles = needles(job["values"])
        self.left_out = set(job["left_out"])
        self.found: dict = {}
        self.to_read: list = []
        self.names: dict = {}
        for top in sorted(job["folders"]):
            self.look(top)
        self.reading = threading.Thread(target=self.read)

    def begin(self):
        self.reading.start()

    def parts(self):
        if self.reading.ident is None:
            self.begin()
        self.reading.join()
        part, length = {}, 0
        for path, entry in self.found.items():
            part[path] = entry
            length += len(path) + 160
            if length > LINE:
                yield part
                part, length = {}, 0
        yield part

    def look(self, path):
        """Lists a path and what is below it."""
        try:
            seen = os.lstat(path)
        except OSError:
            return
        shown = printable(path)
        if shown in self.found or path in self.left_out or is_made_anew(path):
            return
        self.found[shown] = entry = {"owner": self.owner(seen)}
        if not stat.S_ISLNK(seen.st_mode):
            entry["mode"] = f"{stat.S_IMODE(seen.st_mode):o}"
        if stat.S_ISDIR(seen.st_mode):
            entry["kind"] = "folder"
            try:
                names = sorted(os.listdir(path))
            except OSError:
                names = []
            for name in names:
                self.look(os.path.join(path, name))
        elif stat.S_ISLNK(seen.st_mode):
            entry["kind"] = "link"
            entry["to"] = printable(os.readlink(path))
        elif not stat.S_ISREG(seen.st_mode):
            entry["kind"] = "other"
        else:
            entry["kind"] = "file"
            self.to_read.append((path, seen, entry))

    def owner(self, seen):
        key = (seen.st_uid, seen.st_gid)
        if key not in self.names:
            user = name_of(pwd.getpwuid, seen.st_uid)
            group = name_of(grp.getgrgid, seen.st_gid)
            self.names[key] = user if user == group else f"{user}:{group}"
        return self.names[key]

    def read(self):
        room, runs_own = MOST, {}
        for path, text in self.job["runs_own"].items():
            content = read(path)
            if content:
                runs_own[content] = text.encode()
        for path, seen, entry in self.to_read:
            if self.is_the_apps_own(path):
                continue
            if self.is_kept_secret(path, seen):
                entry["holds"] = "a secret"
                continue
            if seen.st_size > min(LARGEST, room):
                entry["size"] = str(seen.st_size)
                continue
            content = read(path)
            if content is None:
                continue
            room -= len(content)
            if KEY in content or any(needle in content for needle in self.needles):
                entry["holds"] = "a secret"
                continue
            # That a bundle has the rehearsal's root is of the site; which root that is, is of the run.
            for made, words in runs_own.items():
                content = content.replace(made, words)
            entry["size"] = str(len(content))
            entry["sha256"] = hashlib.sha256(content).hexdigest()

    def is_the_apps_own(self, path):
        """What the app and its steps write is another in each run."""
        return path.endswith(".log") or any(path.startswith(f"{data}/") for data in self.job["data"])

    def is_kept_secret(self, path, seen):
        if path in self.job["secret"] or path in ALWAYS_SECRET:
            return True
        # Nobody knows which secrets a live host's archive has in what it hides from others.
        hidden = not seen.st_mode & stat.S_IROTH
        return self.job["live"] and hidden and path not in self.job["described"]


def read(path):
    """What is in a regular file; None where it is none: another may have taken its place."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        try:
            return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except OSError:
            return None


def is_made_anew(path):
    return (path in MADE_ANEW or path.endswith(CACHES)
            or (path.startswith("/etc/ss") and MADE_ANEW_LIKE.fullmatch(path) is not None))


def needles(values):
    """Each secret as it may stand in a file."""
    found = set()
    for value in filter(None, values):
        raw = value.encode()
        found |= {raw, urllib.parse.quote(value, safe="").encode(), json.dumps(value)[1:-1].encode(),
                  # The last letters depend on what follows.
                  base64.b64encode(raw)[:len(raw) * 4 // 3]}
    return found


def printable(path):
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def name_of(ask, number):
    try:
        return ask(number)[0]
    except KeyError:
        return str(number)
