"""What systemd does on the live host: units of live processes, and timers, which are run once."""

import os
import signal
import subprocess

import become
from checks import QUOTED, Wrong, host, logs

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob, Timer, Unit

AGAIN = "and is started again (Restart="


def status(pid):
    with open(f"/proc/{pid}/status") as file:
        return {key: value.strip() for key, _, value in (line.partition(":") for line in file)}


def as_described(job: "DiagnoseJob", entry: "Unit"):
    """systemd of a process"""
    pid, unit, found = entry["pid"], entry["unit"], []
    mounts = host.mounts(pid)
    if unit.get("private_tmp"):
        own = {row[4] for row in host.mount_rows(pid) if f"/systemd-private-{entry['role']}.service-" in row[3]}
        for folder in {"/tmp", "/var/tmp"} - own:
            raise Wrong(f"{folder} is that of the host, described as its own")
        found.append("its own /tmp")
    if unit.get("protect_home"):
        if "/root" not in mounts or "ro" not in mounts["/root"][1]:
            raise Wrong("/root is that of the host, described as protected")
        found.append(f"homes: {unit['protect_home']}")
    if unit.get("memory_deny_write_execute"):
        mine, its = (int(status(process).get("Seccomp_filters", -1)) for process in ("self", pid))
        if mine >= 0 and its <= mine:
            raise Wrong("it may have memory that is writable and executable")
        found.append("no memory to write and execute")
    if unit.get("group"):
        wanted, its = become.group(unit["group"]), int(status(pid)["Gid"].split()[1])
        if its != wanted:
            raise Wrong(f"its group is {its}, described {unit['group']} ({wanted})")
        found.append(f"group {unit['group']}")
    if unit.get("restart"):
        times = sum(AGAIN in line for line in logs.read(entry["log"]))
        found.append(f"restart: {unit['restart']}, {times} times so far")
    return ", ".join(found)


def timer(job: "DiagnoseJob", entry: "Timer"):
    """A timer's command, once, as its unit would run it."""
    with open(entry["log"], "ab") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", entry["command"]], env=become.environment(entry["env"], job["user"]),
            cwd=entry["folder"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **become.user(job["user"]))
        try:
            code = process.wait(entry["timeout"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Wrong(f"it did not end within {entry['timeout']:g}s: ", said(entry)) from None
    if code != 0:
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        raise Wrong(f"it ended {how}: ", said(entry))
    return "it ended with code 0"


def said(entry):
    lines = [line for line in logs.read(entry["log"]) if line.strip()]
    return "; ".join(lines[-3:])[-QUOTED:] or "and said nothing"
