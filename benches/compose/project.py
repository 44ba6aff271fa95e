"""The Compose side: a folder with all that compose.yaml names, its images, and the job itself."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

from measured import Failed, Measured, in_sequence, one_after_another, run, say
from own import start_of, tests_of

IMAGE = "stagectl-bench-base:bookworm"
# What compose.yaml puts on its images.
LABEL = "stagectl-bench"
# What the base must have, is the same as what stagectl's own has.
PACKAGES = "python3,python3-venv,ca-certificates"
HOST_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
STEPS = ("migrate", "collectstatic", "create-admin")


class Project:
    def __init__(self, work: Path, home: Path):
        self.folder = work / "compose"
        self.home = home
        self.compose: List[str] = []
        self.env: Dict[str, str] = {}

    def prepare(self, wheel: Path, base: Optional[str]) -> None:
        """Fills the folder and builds the images."""
        sources = self.home / "benches/compose"
        (self.folder / "release").mkdir(parents=True, exist_ok=True)
        for name in ("compose.yaml", "Dockerfile", "postgres.sh", "nginx.conf"):
            shutil.copy(sources / name, self.folder)
        app = self.home / "tests/apps/noticeboard/source"
        shutil.copy(app / "requirements.lock", self.folder)
        critical = self.home / "tests/critical"
        shutil.copy(critical / "requirements.txt", self.folder / "suite-requirements.txt")
        shutil.rmtree(self.folder / "critical", ignore_errors=True)
        shutil.copytree(critical, self.folder / "critical",
                        ignore=shutil.ignore_patterns("__pycache__"))
        bundle = Path(os.environ.get("SSL_CERT_FILE") or HOST_BUNDLE)
        (self.folder / "host-ca.crt").write_bytes(bundle.read_bytes() if bundle.is_file() else b"")
        # The suite writes there as another user.
        (self.folder / "junit").mkdir(exist_ok=True)
        (self.folder / "junit").chmod(0o777)
        self.make_certificates()
        self.env = {"BASE": base or find_base()}
        say(f"building the images of the Compose side on {self.env['BASE']}")
        self.release(wheel)
        self.call("--profile", "suite", "build", "--quiet")

    def make_certificates(self) -> None:
        """Makes a root, and the certificate of site-a: RSA 2048, one exact name."""
        if (self.folder / "site-a.crt").is_file():
            return
        def openssl(*arguments: str) -> None:
            run(["openssl", *arguments], folder=self.folder)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                "/CN=stagectl bench root", "-keyout", "root.key", "-out", "root.crt")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.site-a.example",
                "-keyout", "site-a.key", "-out", "site-a.csr")
        (self.folder / "site-a.ext").write_text("subjectAltName=DNS:www.site-a.example\n")
        openssl("x509", "-req", "-days", "30", "-in", "site-a.csr", "-CA", "root.crt", "-CAkey",
                "root.key", "-CAcreateserial", "-extfile", "site-a.ext", "-out", "site-a.crt")
        # Readable inside: this key protects nothing.
        (self.folder / "site-a.key").chmod(0o644)

    def release(self, wheel: Path) -> None:
        for old in (self.folder / "release").iterdir():
            old.unlink()
        shutil.copy(wheel, self.folder / "release")

    def call(self, *arguments: str) -> Measured:
        return run([*self.compose, "--ansi", "never", *arguments], folder=self.folder, env=self.env)

    def job(self, wheel: Optional[Path], cold: bool = False) -> Measured:
        """Does the whole job; with a wheel, the app's image is built from it first; cold, all of them are.

        The app's own seconds are those of its steps as Compose runs them, from the start of its container
        to the first health check that it passed, and those of its tests by JUnit.
        """
        parts = {}
        if cold:
            self.forget_images()
            parts["build"] = [self.call("--profile", "suite", "build", "--quiet", "--no-cache")]
        elif wheel:
            self.release(wheel)
            parts["build"] = [self.call("build", "--quiet", "app")]
        parts["up"] = [self.call("up", "--detach", "--wait", "--quiet-pull", "--no-build")]
        start = start_of(self.call("ps", "--quiet", "app").output.strip())
        parts["steps"] = [self.call("exec", "-T", "app", "noticeboard-admin", step)
                          for step in STEPS]
        parts["suite"] = [self.call("run", "--rm", "-T", "--no-deps", "suite")]
        tests = tests_of(self.folder / "junit/junit.xml")
        parts["down"] = [self.call("down", "--volumes")]
        whole = in_sequence(parts)
        whole.own = {"steps": whole.phases["steps"], "start": start, "tests": tests}
        return whole

    def jobs(self, count: int) -> Measured:
        """Does the job for as many sites, one after another; they differ in one variable alone."""
        done = []
        for number in range(1, count + 1):
            self.env["BENCH_SITE"] = str(number)
            done.append(self.job(None))
        return one_after_another(done)

    def forget_images(self) -> None:
        """Removes the images that were built from the Dockerfile."""
        images = docker_images(f"label={LABEL}")
        if images:
            subprocess.run(["docker", "image", "rm", "--force", *dict.fromkeys(images)],
                           stdout=subprocess.DEVNULL, check=True)

    def remove(self, keep_images: bool) -> None:
        """Removes what the Compose side made, and nothing else."""
        if not self.compose or not self.env:
            return
        say("removing what the Compose side made; for BuildKit's cache: docker builder prune")
        try:
            self.call("--profile", "suite", "down", "--volumes", "--timeout", "0",
                      "--remove-orphans")
        except Failed as error:
            say(str(error))
        # Each new wheel left the image before it without a name.
        gone = docker_images("dangling=true", f"label={LABEL}")
        if not keep_images:
            gone = [*docker_images(f"label={LABEL}"), *([IMAGE] if self.env["BASE"] == IMAGE else [])]
        if gone:
            subprocess.run(["docker", "rmi", "--force", *dict.fromkeys(gone)],
                           stdout=subprocess.DEVNULL, check=False)


def find_base() -> str:
    """Finds a Debian 12 base as stagectl does: here, from stagectl, the registry, bootstrapped."""
    # By name: BuildKit would look for a bare id in the registry.
    # A base that came from somebody's root file system holds more than Debian.
    made = docker_images("label=dev.stagectl.kind=base", "reference=stagectl/base:bookworm-*",
                         form="{{.Repository}}:{{.Tag}}")
    for image in (IMAGE, "debian:bookworm-slim", *made):
        if is_bookworm(image):
            return image
    say("no Debian 12 image here; asking the registry")
    pulled = subprocess.run(["docker", "pull", "--quiet", "debian:bookworm-slim"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if pulled.returncode == 0:
        return "debian:bookworm-slim"
    say("no registry; bootstrapping Debian 12 (20 s)")
    bootstrap = subprocess.Popen(
        ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", "bookworm", "-"],
        stdout=subprocess.PIPE)
    imported = subprocess.run(["docker", "import", "-", IMAGE], stdin=bootstrap.stdout,
                              stdout=subprocess.DEVNULL)
    if bootstrap.stdout:
        bootstrap.stdout.close()
    if bootstrap.wait() or imported.returncode:
        raise Failed("could not bootstrap a Debian 12 base: is the package mirror reachable?")
    return IMAGE


def docker_images(*filters: str, form: str = "{{.ID}}") -> List[str]:
    """The ids (or names) of images that pass all filters."""
    options = [word for one in filters for word in ("--filter", one)]
    found = subprocess.run(["docker", "images", "--format", form, *options], stdout=subprocess.PIPE,
                           text=True, check=True)
    return found.stdout.split()


def is_bookworm(image: str) -> bool:
    here = subprocess.run(["docker", "image", "inspect", image], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    if here.returncode:
        return False
    shown = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", "--entrypoint", "cat", image,
         "/etc/os-release"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return "VERSION_CODENAME=bookworm" in shown.stdout
