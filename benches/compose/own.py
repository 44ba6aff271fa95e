"""What of a job's time is the app's own: its deploy steps, the start of its server, its tests."""

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Dict, List
from xml.etree import ElementTree

from measured import Failed

RUNS = ".stagectl/runs"


def runs(folder: Path) -> List[str]:
    """The runs that are recorded in a project, the newest last."""
    return sorted(path.parent.name for path in folder.glob(f"{RUNS}/*/report.json"))


def new_report(folder: Path, before: List[str]) -> dict:
    """The report of the one run that is there since."""
    new = [run for run in runs(folder) if run not in before]
    if len(new) != 1:
        raise Failed(f"{len(new)} new runs in {folder / RUNS}: does something else rehearse there?")
    return json.loads((folder / RUNS / new[0] / "report.json").read_text())


def of_report(report: dict) -> Dict[str, float]:
    """The app's own seconds in a run of stagectl, all sites together."""
    sites = report["sites"]
    silent = [site["name"] for site in sites if "answered" not in site]
    if silent:
        raise Failed(f"the report does not say when {silent[0]} answered first: an older stagectl wrote it")
    return {
        "steps": sum(step["seconds"] for site in sites for step in site["steps"]),
        "start": sum(site["answered"] for site in sites),
        "tests": sum(test["took"] for site in sites for test in site["tests"]),
    }


def tests_of(junit: Path) -> float:
    """The seconds of the tests in a JUnit file, without pytest's own start and collection."""
    return sum(float(case.get("time", 0)) for case in ElementTree.parse(junit).iter("testcase"))


def start_of(container: str) -> float:
    """Seconds from the start of a container to the end of the first health check that it passed."""
    shown = subprocess.run(["docker", "inspect", "--format", "{{json .State}}", container],
                           stdout=subprocess.PIPE, text=True, check=True)
    state = json.loads(shown.stdout)
    passed = [check["End"] for check in state["Health"]["Log"] if check["ExitCode"] == 0]
    if not passed:
        raise Failed(f"Docker knows no health check that {container} passed")
    return (instant(passed[0]) - instant(state["StartedAt"])).total_seconds()


def instant(text: str) -> datetime:
    """A time as Docker writes it: up to nanoseconds, and any zone."""
    match = re.fullmatch(r"(.+?T[0-9:]+)(\.[0-9]+)?(Z|[+-][0-9:]+)", text)
    if not match:
        raise Failed(f"Docker says a time that is none: {text}")
    day, fraction, zone = match.groups()
    fraction = ((fraction or ".") + "000000")[:7]
    return datetime.fromisoformat(day + fraction + ("+00:00" if zone == "Z" else zone))
