"""Tells what log files say, with times, and goes on telling if it is asked to.

The first line of its standard input is a `FollowJob` (`job.pyi`). Writes JSON lines: {"at": seconds, "role", "text"},
and {"live": true} when all that was there is told. It ends then, or when its standard input does.

A line's time is what it says of itself; one that says nothing belongs to the line before. Of each file the
last MOST bytes are told.
"""

import calendar
import json
import os
import re
import select
import sys
import time

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import FollowJob

MOST = 4 << 20
LONGEST = 128 << 10  # bytes of a line; the reader shows less, when the secrets in it are gone
PACE = 0.1  # seconds between two looks

MONTHS = {name: number for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?P<part>[.,]\d+)?"
ZONE = r"(?:\s?(?P<zone>Z|[+-]\d\d:?\d\d))?"
SHAPES = [re.compile(shape) for shape in (
    r"(?P<year>\d{4})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[ T]" + CLOCK + ZONE,  # gunicorn, logging, nginx
    r"(?P<day>\d\d)/(?P<name>[A-Z][a-z]{2})/(?P<year>\d{4}):" + CLOCK + ZONE,  # access logs
    r"[A-Z][a-z]{2} (?P<name>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) " + CLOCK + r" (?P<year>\d{4})",  # Apache, uWSGI
)]


def moment(text):
    """Seconds since 1970 of the first date in the line's beginning; None without one."""
    for shape in SHAPES:
        found = shape.search(text, 0, 200)
        if not found:
            continue
        parts = found.groupdict()
        try:
            month = MONTHS[parts["name"]] if parts.get("name") else int(parts["month"])
            fields = (int(parts["year"]), month, int(parts["day"]), int(parts["hour"]),
                      int(parts["minute"]), int(parts["second"]), 0, 0, -1)
            zone = parts.get("zone")
            if zone:
                seconds = float(calendar.timegm(fields))
                if zone != "Z":
                    hours, minutes = int(zone[1:3]), int(zone[-2:])
                    seconds -= (hours * 60 + minutes) * 60 * (-1 if zone[0] == "-" else 1)
            else:
                seconds = time.mktime(fields)
        except (KeyError, ValueError, OverflowError):
            continue
        return seconds + float((parts["part"] or ".0").replace(",", "."))
    return None


def offset():
    """How far the site's clock is from the real one."""
    try:
        with open("/etc/faketimerc", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


class Log:
    def __init__(self, role, path, shift):
        self.role, self.path, self.shift = role, path, shift
        self.file, self.inode, self.rest, self.at = None, None, [], None

    def lines(self, live):
        """The lines that are new, as (time, text)."""
        try:
            seen = os.stat(self.path)
        except OSError:
            return
        if self.file is None or seen.st_ino != self.inode or seen.st_size < self.file.tell():
            try:
                self.file = open(self.path, "rb")  # noqa: SIM115 (read on and on)
            except OSError:
                return
            self.inode, self.rest = seen.st_ino, []
            if seen.st_size > MOST:
                self.file.seek(seen.st_size - MOST)
                self.file.readline()
        while True:
            piece = self.file.read(1 << 16)
            if not piece:
                break
            *whole, rest = piece.split(b"\n")
            for line in whole:
                self.rest.append(line[:self.room()])
                yield self.dated(b"".join(self.rest).decode("utf-8", "replace").rstrip("\r"), seen, live)
                self.rest = []
            if rest and self.room():
                self.rest.append(rest[:self.room()])

    def room(self):
        """What of a line still fits."""
        return max(LONGEST - sum(map(len, self.rest)), 0)

    def dated(self, text, seen, live):
        found = moment(text)
        if found is not None:
            self.at = found - self.shift
        elif self.at is None:
            self.at = time.time() if live else seen.st_mtime
        return self.at, text


def main():
    job: FollowJob = json.loads(sys.stdin.readline())
    if os.path.exists("/etc/timezone") and "TZ" not in os.environ:
        with open("/etc/timezone", encoding="ascii") as file:
            os.environ["TZ"] = file.read().strip()
        time.tzset()
    shift = offset()
    logs = [Log(role, path, shift) for role, path in job["files"]]
    since, live = job["since"], False
    out = sys.stdout
    while True:
        for log in logs:
            for at, text in log.lines(live):
                if live or since is None or at >= since:
                    out.write(json.dumps({"at": at, "role": log.role, "text": text}) + "\n")
        if not live:
            out.write('{"live": true}\n')
        out.flush()
        if not job["follow"]:
            return
        live = True
        if select.select([sys.stdin], [], [], PACE)[0] and not os.read(0, 1 << 10):
            return


if __name__ == "__main__":
    main()
