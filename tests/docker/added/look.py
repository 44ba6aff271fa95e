"""What a site's host has: the command lines and variables of its processes, and every file below `/etc`, `/run` and
`/srv` that is not as a package of the distribution brings it. A line each, its parts separated by tabs."""

import glob
import hashlib
import os
import pwd
import re
import stat

ROOTS = ("/etc", "/run", "/srv")


def processes():
    for path in sorted(glob.glob("/run/stagectl.*.pid")):
        role = path.split(".")[1]
        with open(path) as file:
            pids = [int(file.read())]
        for pid in pids:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                pids += map(int, file.read().split())
        for pid in pids:
            for what, name in (("argv", "cmdline"), ("variable", "environ")):
                # The processes of another user show theirs to that one alone.
                owner = os.stat(f"/proc/{pid}").st_uid
                reader, writer = os.pipe()
                if not os.fork():
                    os.setresgid(owner, owner, owner)
                    os.setresuid(owner, owner, owner)
                    with open(f"/proc/{pid}/{name}", "rb") as file, open(writer, "wb") as out:
                        out.write(file.read())
                    os._exit(0)
                os.close(writer)
                with open(reader, "rb") as file:
                    text = file.read().decode().rstrip("\0")
                os.wait()
                if what == "argv":
                    print("argv", role, *text.split("\0"), sep="\t")
                else:
                    for variable in filter(None, text.split("\0")):
                        print("variable", role, variable, sep="\t")


def packaged():
    """Files of packages, and the digests of those that are configuration."""
    owned = set()
    for path in glob.glob("/var/lib/dpkg/info/*.list"):
        with open(path) as file:
            owned.update(file.read().split("\n"))
    digests = {}
    with open("/var/lib/dpkg/status") as file:
        for path, digest in re.findall(r"^ (/\S+) ([0-9a-f]{32})(?: obsolete)?$", file.read(), re.M):
            digests[path] = digest
    return owned, digests


def is_as_packaged(path, owned, digests):
    real = os.path.realpath(path)
    if path not in owned and not (os.path.islink(path) and real in owned):
        return False
    if path in digests and os.path.isfile(path):
        with open(path, "rb") as file:
            return hashlib.md5(file.read()).hexdigest() == digests[path]
    return True


def files():
    owned, digests = packaged()
    for root in ROOTS:
        for folder, folders, names in os.walk(root):
            # What is installed there is of the release.
            folders[:] = [name for name in folders if not (folder.startswith("/srv/") and name == "venv")]
            for name in sorted(folders + names):
                path = os.path.join(folder, name)
                if is_as_packaged(path, owned, digests):
                    continue
                seen = os.lstat(path)
                owner = pwd.getpwuid(seen.st_uid).pw_name
                mode = "link" if stat.S_ISLNK(seen.st_mode) else f"{stat.S_IMODE(seen.st_mode):04o}"
                print("file", path, mode, owner, sep="\t")


processes()
files()
