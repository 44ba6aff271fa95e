"""The logs of the site's host: what alarms in them, and what they say last of an error."""

import glob
import os
import re

from checks import Wrong

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob

ALARMS = re.compile(r"Traceback \(most recent call last\)|\bCRITICAL\b|\bPANIC\b|\bFATAL\b|\[emerg\]|\[crit\]|segfault")
# A proxy that is asked before the app's server listens says so. The site is ready by now, and what does not answer
# for another reason is found by the checks that ask for it.
BEFORE_READY = re.compile(r"connect\(\) (?:to unix:\S* )?failed .*while connecting to upstream")
# Apache says of each line when, where, and for whom.
OF_APACHE = re.compile(r"^(?:\[[^\]]*\] )+(?=.)")
ERROR = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b")


def read(path, seen=0):
    """The lines of a log without Apache's prefix, behind the bytes that were there before; all of a log that is shorter
    than that, as it was begun anew."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            if os.fstat(file.fileno()).st_size >= seen:
                file.seek(seen)
            return [OF_APACHE.sub("", line) if "[wsgi:" in line else line for line in file.read().splitlines()]
    except FileNotFoundError:
        return []


def sizes(job: "DiagnoseJob"):
    """How long the proxy's logs are: what stands in them by now, it said while the site was started."""
    paths = [path for pattern in job["proxy_logs"] for path in glob.glob(pattern)]
    return {path: os.path.getsize(path) for path in paths if os.path.isfile(path)}


def quiet(job: "DiagnoseJob"):
    for log in job["logs"]:
        lines = read(log, job.get("seen", {}).get(log, 0))
        for number, line in enumerate(lines):
            if ALARMS.search(line) and not BEFORE_READY.search(line):
                shown = lines[number:]
                # A traceback says what happened in its first line that is not indented.
                end = next((other for other in shown[1:] if other and not other[0].isspace()), "")
                raise Wrong(f"{log}: {line.strip()} {end.strip()}".strip())
    return f"{len(job['logs'])} logs"


def last_error(job: "DiagnoseJob"):
    """The last line that names an exception; nothing where there is none."""
    for log in job["logs"]:
        for line in reversed(read(log, job.get("seen", {}).get(log, 0))):
            if ERROR.search(line):
                return line.strip()
    return None
