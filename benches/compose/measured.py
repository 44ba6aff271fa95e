"""A command, run and measured: time from start to end, its own CPU time, its peak memory."""

import os
import subprocess
import sys
import tempfile
import threading
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
    peak_bytes: int  # the command's own largest resident set, sampled; without its children
    output: str = ""
    phases: Dict[str, float] = field(default_factory=dict)
    own: Dict[str, float] = field(default_factory=dict)  # seconds that are the app's, by what it did in them

    @property
    def rest(self) -> float:
        """Seconds that are not the app's own: the tool's."""
        return self.seconds - sum(self.own.values())


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


class MemoryWatch(threading.Thread):
    """Samples a process's peak memory while it lives.

    Not `ru_maxrss`: Linux counts what this Python had at the fork, so nothing below 20 MiB shows.
    """

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{pid}/status")
        self.peak_bytes = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            try:
                for line in self.status.read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.peak_bytes = int(line.split()[1]) * 1024
            except OSError:
                return


def run(command: List[str], folder: Optional[Path] = None, env: Optional[dict] = None) -> Measured:
    """Runs a command without a terminal; its standard output is returned, or shown if it fails."""
    # Files, not pipes: a pipe ends only when a process that goes on in the background ends, too.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, env={**os.environ, **(env or {})},
                                 stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        memory = MemoryWatch(child.pid)
        memory.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:  # a stop request: nothing goes on behind our back
            child.terminate()
            child.wait()
            raise
        seconds = time.monotonic() - start
        memory.over.set()
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if child.returncode:
        tail = "\n".join("".join(texts).splitlines()[-30:])
        raise Failed(f"{' '.join(command)} ended with exit code {child.returncode}\n{tail}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, memory.peak_bytes, texts[0])


def one_after_another(jobs: List[Measured]) -> Measured:
    """Returns the whole of several jobs of one kind."""
    names = jobs[0].own
    return Measured(
        seconds=sum(one.seconds for one in jobs),
        cpu=sum(one.cpu for one in jobs),
        peak_bytes=max(one.peak_bytes for one in jobs),
        phases={name: sum(one.phases[name] for one in jobs) for name in jobs[0].phases},
        own={name: sum(one.own[name] for one in jobs) for name in names},
    )


def in_sequence(parts: Dict[str, List[Measured]]) -> Measured:
    """Returns the whole of a job that is several commands, with the time of each phase."""
    every = [one for runs in parts.values() for one in runs]
    return Measured(
        seconds=sum(one.seconds for one in every),
        cpu=sum(one.cpu for one in every),
        peak_bytes=max(one.peak_bytes for one in every),
        phases={name: sum(one.seconds for one in runs) for name, runs in parts.items()},
    )
