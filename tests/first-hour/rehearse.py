#!/usr/bin/env python3
"""Rehearses public projects as `stagectl init` describes them, and writes the table of docs/first-hour.md.

    rehearse.py --stagectl target/release/stagectl [NAME ...] [--write docs/first-hour.md]

Each project's sdist of projects.txt comes from the package index, into a folder of its own that is gone afterwards.
There nobody answers a question and edits a line: `init --yes`, `check`, `rehearse`. What was seen of projects that
are not named stays in the table. Takes a minute or two for each.
"""

import argparse
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import typing
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
INDEX = "https://pypi.org/simple"
HEAD = ("| project | needs | as written | edits to green | seconds | what is said first |\n"
        "|---|---|---|---|---|---|\n")
BEGIN, END = "<!-- projects: generated -->\n", "<!-- projects: end -->\n"


class Project(typing.NamedTuple):
    name: str
    version: str
    needs: str  # what it does not start without; empty for one that does
    edits: str  # what a person edited until it was green; empty where nobody has found that out


class Seen(typing.NamedTuple):
    project: Project
    verdict: str
    seconds: float
    cause: str


def projects(names):
    lines = (line.split("#")[0].split(maxsplit=2) for line in (HERE / "projects.txt").read_text().splitlines())
    found = []
    for name, version, rest in filter(None, lines):
        needs, _, edits = rest.partition("; edits:")
        found.append(Project(name, version, needs.removeprefix("alone").removeprefix("needs").strip(), edits.strip()))
    unknown = set(names) - {project.name for project in found}
    if unknown:
        sys.exit(f"not in projects.txt: {', '.join(sorted(unknown))}")
    return [project for project in found if not names or project.name in names]


def download(project, folder):
    """Unpacks the sdist into the folder; returns the project's own one."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with urllib.request.urlopen(urllib.request.Request(f"{INDEX}/{project.name}/", headers=accept)) as answer:
        files, base = json.load(answer)["files"], answer.geturl()
    named = [file for file in files if file["filename"].endswith(f"-{project.version}.tar.gz")]
    if not named:
        raise LookupError(f"no sdist of {project.name} {project.version}")
    with urllib.request.urlopen(urllib.parse.urljoin(base, named[0]["url"])) as answer, \
            tempfile.TemporaryFile() as file:
        file.write(answer.read())
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def rehearse(project, stagectl, kept):
    """One project, from nothing to its verdict; its folder stays below `kept`, if that is one."""
    with contextlib.ExitStack() as stack:
        scratch = kept / project.name if kept else pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch.mkdir(parents=True, exist_ok=not kept)
        root = download(project, scratch)
        begin = time.monotonic()
        for command in (["init", "--yes"], ["check"]):
            done = run(stagectl, command, root)
            if done.returncode:
                return Seen(project, f"{command[0]} ended with {done.returncode}", time.monotonic() - begin, last(done))
        done = run(stagectl, ["rehearse"], root)
        seconds = time.monotonic() - begin
        verdict = "green" if done.returncode == 0 else f"red, code {done.returncode}"
        return Seen(project, verdict, seconds, "" if done.returncode == 0 else cause(root) or last(done))


def run(stagectl, command, root):
    return subprocess.run([stagectl, *command], cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


def last(done):
    return (done.stdout.strip().splitlines() or [""])[-1]


def cause(root):
    """What the report says first of the failure."""
    for path in root.glob(".stagectl/runs/*/report.json"):
        for site in json.loads(path.read_text())["sites"]:
            failure = site.get("failure")
            if failure:
                return " ".join([failure["message"], *failure.get("causes", [])[:1]])
    return ""


def row(seen):
    project = seen.project
    said = re.sub(r"\s+", " ", seen.cause).replace("|", "\\|")[:160]
    edits = "none" if seen.verdict == "green" else project.edits or "-"
    cells = [f"{project.name} {project.version}", project.needs or "nothing", seen.verdict, edits,
             f"{seen.seconds:.0f}", said]
    return f"| {' | '.join(cells)} |\n"


def write(path, rows):
    """Puts the rows in the place of those of the same projects."""
    before, rest = path.read_text().split(BEGIN)
    there, after = rest.split(END)
    kept = {line.split("|")[1].split()[0]: line + "\n" for line in there.splitlines() if line.startswith("| ")}
    kept.pop("project", None)
    kept.update({line.split("|")[1].split()[0]: line for line in rows})
    ordered = [kept[project.name] for project in projects([]) if project.name in kept]
    path.write_text(f"{before}{BEGIN}\n{HEAD}{''.join(ordered)}\n{count(ordered)}\n{END}{after}")


def count(rows):
    """How many of which need are green, in a line."""
    seen = [[cell.strip() for cell in row.split("|")[2:4]] for row in rows]
    counted = []
    for what, is_one in (("need nothing", lambda needs: needs == "nothing"),
                         ("need something other than a service", lambda needs: "service" not in needs and needs != "nothing"),
                         ("need a service", lambda needs: "service" in needs)):
        verdicts = [verdict for needs, verdict in seen if is_one(needs)]
        counted.append(f"{verdicts.count('green')} of {len(verdicts)} that {what}")
    return f"Green as written: {', '.join(counted)}.\n"


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stagectl", required=True, type=pathlib.Path)
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="where the projects' folders stay")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    stagectl = arguments.stagectl.resolve()
    untried = 0
    for project in projects(arguments.names):
        try:
            seen = rehearse(project, stagectl, arguments.keep)
        except (LookupError, OSError) as error:
            print(f"{project.name}: {error}", file=sys.stderr)
            untried += 1
            continue
        print(row(seen), end="", flush=True)
        if arguments.write:
            write(arguments.write, [row(seen)])
    return 1 if untried else 0


if __name__ == "__main__":
    sys.exit(main())
