"""The facts of the host that all its processes share."""

import subprocess

from checks import Wrong


def time_zone(job):
    with open("/etc/timezone") as file:
        found = file.read().strip()
    if found != job["timezone"]:
        raise Wrong(f"the host is in {found}, described {job['timezone']}")
    script = "import time; print(time.strftime('%Z %z'))"
    shown = subprocess.run([job["python"], "-I", "-S", "-c", script], stdout=subprocess.PIPE,
                           env={"TZ": ":" + found}).stdout
    mine = subprocess.run([job["python"], "-I", "-S", "-c", script], stdout=subprocess.PIPE, env={}).stdout
    if shown != mine:
        raise Wrong(f"programs see {mine.decode().strip()}, {found} is {shown.decode().strip()}")
    return f"{found}, {mine.decode().strip()}"
