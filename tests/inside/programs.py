"""How a test runs a program of a replica outside of one: in a folder that stands for the host's root."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "templates" / "inside"
# What the programs read and write, and what must not be this machine's own.
PLACES = ("/opt/stagectl", "/run/stagectl", "/etc/", "/var/log/", "/var/lib/", "/usr/lib/locale")


class OnAHost(unittest.TestCase):
    """A test with an empty host of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for place in ("opt/stagectl", "run", "etc/ssl/certs", "var/log"):
            (self.root / place).mkdir(parents=True)

    def file(self, path, content=""):
        """Writes a file of the host, and returns where it really is."""
        real = self.root / path.lstrip("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(content)
        return str(real)

    def text(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def installed(self, name):
        """The program with its paths led into this host."""
        text = (FOLDER / name).read_text()
        for place in PLACES:
            text = text.replace(place, f"{self.root}{place}")
        return self.file(f"/programs/{name}", text)

    def shell(self, name, *arguments):
        """What came of a script."""
        return subprocess.run(["sh", self.installed(name), *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def program(self, name, job, *arguments, **options):
        """What came of a program that was given this job."""
        for path in FOLDER.rglob("*.py"):
            self.installed(str(path.relative_to(FOLDER)))
        command = [sys.executable, "-I", "-S", str(self.root / "programs" / name), *arguments]
        options = {"input": json.dumps(job), "capture_output": True, "text": True, "timeout": 60, **options}
        return subprocess.run(command, **options)
