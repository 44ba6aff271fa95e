"""What listens on a host, and whose it is."""

import os
import re
import subprocess

import become
from checks.processes import descendants

OF_SOCKET = re.compile(r"socket:\[(\d+)\]")


def listeners():
    """What listens here, TCP ports and unix sockets' paths, each with the inodes of its sockets."""
    found: dict = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as file:
                rows = file.read().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            # The embedded resolver of Docker listens on 127.0.0.11, on a random port.
            if fields[3] == "0A" and not fields[1].startswith("0B00007F"):
                found.setdefault(int(fields[1].rsplit(":", 1)[1], 16), set()).add(fields[9])
    with open("/proc/net/unix") as file:
        for row in file.read().splitlines()[1:]:
            fields = row.split()
            if len(fields) > 7 and fields[3] == "00010000":
                found.setdefault(fields[7], set()).add(fields[6])
    return found


def held_by(pid):
    """The inodes of the sockets of a process and of all below it."""
    found = set()
    for process in descendants(pid):
        try:
            owner = os.stat(f"/proc/{process}")
        except FileNotFoundError:
            continue

        # Only its own user may look, and not even that one where a process has changed its user: but
        # then the one above it, which opened the sockets, still has them.
        listed = subprocess.run(["ls", "-l", f"/proc/{process}/fd"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, **become.owner(owner))
        found.update(OF_SOCKET.findall(listed.stdout.decode("utf-8", "replace")))
    return found
