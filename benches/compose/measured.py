"""A command, run and measured: time from start to end, its own CPU time, its peak memory."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional


class Failed(Exception):
    """A command of the benchmark failed; the text has its output's end."""


@dataclass
class Measured:
    seconds: float
    cpu: float  # seconds, user and system, of the command and the children it waited for
    peak_bytes: int  # the largest resident set of one process, not the sum
    output: str = ""
    phases: Dict[str, float] = field(default_factory=dict)


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(command: List[str], folder: Optional[Path] = None, env: Optional[dict] = None) -> Measured:
    """Runs a command without a terminal; its standard output is returned, or shown if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, env={**os.environ, **(env or {})},
                                 stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
                                 text=True, errors="replace")
        errors = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode:
        tail = "\n".join((text + errors).splitlines()[-30:])
        raise Failed(f"{' '.join(command)} ended with exit code {child.returncode}\n{tail}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def in_sequence(parts: Dict[str, List[Measured]]) -> Measured:
    """Returns the whole of a job that is several commands, with the time of each phase."""
    every = [one for runs in parts.values() for one in runs]
    return Measured(
        seconds=sum(one.seconds for one in every),
        cpu=sum(one.cpu for one in every),
        peak_bytes=max(one.peak_bytes for one in every),
        phases={name: sum(one.seconds for one in runs) for name, runs in parts.items()},
    )
