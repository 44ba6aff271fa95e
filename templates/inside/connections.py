"""Writes down to whom the site's user is connected, while something else goes on: libraries in C tell nobody.

Reads a `ConnectionsJob` (`job.pyi`) from standard input. Writes {"begun": true} at once, and each address and port that a
process of the user was connected to as a JSON line, once: {"address", "port"}. It ends when `release.py` says so.
"""

import contextlib
import ipaddress
import json
import os
import pwd
import select
import struct
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
from gate import opened_gate

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import ConnectionsJob

PACE = 0.005  # seconds
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTENS, GONE = "0A", "06"


def plain(address):
    """`0100007F` as 127.0.0.1: words of four bytes, each in the machine's own order."""
    words = [int(address[start : start + 8], 16) for start in range(0, len(address), 8)]
    found = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    return str(getattr(found, "ipv4_mapped", None) or found)


def rows():
    for table in TABLES:
        with contextlib.suppress(OSError), open(table, encoding="ascii") as file:
            yield from (line.split() for line in file.readlines()[1:])


def connected(user):
    """Address and port of the other end of what the user began."""
    all_rows = list(rows())
    listening = {row[1].split(":")[1] for row in all_rows if row[3] == LISTENS}
    for row in all_rows:
        if row[3] in (LISTENS, GONE) or int(row[7]) != user or row[1].split(":")[1] in listening:
            continue
        address, port = row[2].split(":")
        yield plain(address), int(port, 16)


def main():
    job: ConnectionsJob = json.load(sys.stdin)
    user = pwd.getpwnam(job["user"]).pw_uid
    gate = opened_gate()
    sys.stdout.write('{"begun": true}\n')
    sys.stdout.flush()
    seen: set[tuple[str, int]] = set()
    while not select.select([gate], [], [], PACE)[0]:
        for address, port in set(connected(user)) - seen:
            seen.add((address, port))
            sys.stdout.write(json.dumps({"address": address, "port": port}) + "\n")
            sys.stdout.flush()
    os.close(gate)


if __name__ == "__main__":
    main()
