#!/usr/bin/env python3
"""Times the rehearsal of site-a beside the same job by Docker Compose v2, in interleaved pairs.

The job is: up, migrate and the other deploy steps, ready, the critical suite, down. Of its wall time,
some seconds are the app's own (steps, server start, tests); the rest is the tool's, and that is the
figure which counts. `hot`: nothing changed since the last time. `warm`: everything is built, and each
time there is a new release wheel. `cold`: nothing is built but the Debian base. With `--sites`, so many
sites that differ in one variable, one after another. See README.md here; details go to
target/bench/results.json. Needs Docker, a package mirror and a package index for what is not built yet,
openssl, and the standard library.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Callable, Dict, List, Optional

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "compose"))
import surroundings  # noqa: E402
from cold import forget_stagectl_images  # noqa: E402
from measured import Failed, Measured, run, say  # noqa: E402
from own import new_report, of_report, runs  # noqa: E402
from project import Project  # noqa: E402
from sites import write_sites  # noqa: E402
from wheels import new_wheel  # noqa: E402

HERE = Path(__file__).resolve().parent
HOME = HERE.parent
KINDS = ("hot", "warm", "cold")
# At most, of Compose's wall time; where the storage driver is fuse-overlayfs, what is said for it.
RATIOS = {"hot": 0.34, "warm": 0.32, "cold": 0.8, "sites": 0.25}
RATIOS_ON_FUSE = {"hot": 0.45, "warm": 0.40}
# Seconds that are stagectl's own, at most; of many sites, each.
OWN = {"hot": 0.8, "sites": 0.5}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="a wheel of the sample app that passes on site-a")
    parser.add_argument("--stagectl", type=Path, default=HOME / "target/release/stagectl")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of each kind, at least 1 (5)")
    parser.add_argument("--kind", choices=KINDS, action="append",
                        help="hot, warm (both of them if left out) or cold, which removes stagectl's images")
    parser.add_argument("--sites", type=int, help="so many sites in order, hot, in place of one of each kind")
    parser.add_argument("--base", default=os.environ.get("BENCH_BASE"),
                        help="a Debian 12 image for the Compose side (found or bootstrapped)")
    parser.add_argument("--work", type=Path, default=HOME / "target/bench")
    parser.add_argument("--compose-only", action="store_true", help="leave stagectl out")
    parser.add_argument("--keep-images", action="store_true",
                        help="keep the images of the Compose side for the next benchmark")
    chosen = parser.parse_args()
    if chosen.sites and chosen.kind not in (None, ["hot"]):
        parser.error("--sites is hot: leave --kind out")
    chosen.kind = ["sites"] if chosen.sites else chosen.kind or ["hot", "warm"]
    chosen.work = chosen.work.resolve()
    return chosen


def rehearse(stagectl: Path, wheel: Path, sites: List[str], folder: Path = HOME) -> Measured:
    """Runs the whole job with stagectl; its guardian's time is its own affair and not counted."""
    before = runs(folder)
    measured = run([str(stagectl.resolve()), "rehearse", "--release", str(wheel), *sites], folder=folder)
    measured.own = of_report(new_report(folder, before))
    return measured


def jobs_of(chosen: argparse.Namespace, project: Project, kind: str) -> Dict[str, Callable[[Path, bool], Measured]]:
    """What is run of each side, by name: with a wheel, and whether it is the run before those that count."""
    many = chosen.work / "sites"
    names = write_sites(many, HOME, chosen.sites) if kind == "sites" else ["site-a"]

    def by_compose(wheel: Path, before: bool) -> Measured:
        if kind == "sites":
            return project.jobs(1 if before else len(names))
        return project.job(wheel if kind == "warm" else None, cold=kind == "cold")

    def by_stagectl(wheel: Path, before: bool) -> Measured:
        if kind == "cold":
            forget_stagectl_images()
        if kind == "sites":
            return rehearse(chosen.stagectl, wheel, names[:1] if before else names, many)
        return rehearse(chosen.stagectl, wheel, names)

    return {"compose": by_compose} if chosen.compose_only else {"compose": by_compose, "stagectl": by_stagectl}


def measure(chosen: argparse.Namespace, project: Project, kind: str) -> Dict[str, List[Measured]]:
    """Runs the pairs of one kind, in changing order, after a run of each that does not count."""
    jobs = jobs_of(chosen, project, kind)
    found: Dict[str, List[Measured]] = {name: [] for name in jobs}
    # What is cold needs no run before it.
    for pair in range(1 if kind == "cold" else 0, chosen.pairs + 1):
        wheel = chosen.wheel.resolve()
        if kind == "warm":
            wheel = new_wheel(wheel, chosen.work / "wheels" / str(pair))
        for name in sorted(jobs, reverse=pair % 2 == 1):
            measured = jobs[name](wheel, pair == 0)
            say(f"{kind} {pair or 'once before'}: {name} {measured.seconds:.2f} s, {measured.rest:.2f} s not the app's own")
            if pair:
                found[name].append(measured)
    return found


def report(kind: str, count: Optional[int], found: Dict[str, List[Measured]], storage: str) -> dict:
    """Prints what was found, and returns it as plain data."""
    title = f"{count} sites in order" if count else kind
    print(f"\n{title}, pairs: {len(found['compose'])}, interleaved; medians in seconds")
    print("              wall   app's own   the rest   wall from least to most   own CPU    peak")
    for name, done in sorted(found.items(), reverse=True):
        walls = [one.seconds for one in done]
        own, rest = median(sum(one.own.values()) for one in done), median(one.rest for one in done)
        cpu, memory = median(one.cpu / one.seconds for one in done), max(one.peak_bytes for one in done) / 2**20
        span = f"{min(walls):.2f} to {max(walls):.2f}"
        print(f"  {name:9}{median(walls):7.2f}{own:12.2f}{rest:11.2f}   {span:>23}{100 * cpu:8.1f} %{memory:5.0f} MiB")
    for name, done in sorted(found.items(), reverse=True):
        parts = {part: median(one.own[part] for one in done) for part in done[0].own}
        print(f"  the app's own by {name}: " + ", ".join(f"{part} {time:.2f}" for part, time in parts.items()))
    phases = {phase: median(one.phases[phase] for one in found["compose"]) for phase in found["compose"][0].phases}
    print("  compose's phases: " + ", ".join(f"{name} {time:.2f}" for name, time in phases.items()))
    ratio = ours = None
    if "stagectl" in found:
        ours = median(one.rest for one in found["stagectl"]) / (count or 1)
        each = " a site" if count else ""
        print(f"  our own seconds{each}: {ours:.2f}{goal(OWN.get(kind), '.1f')}")
        medians = {name: median(one.seconds for one in done) for name, done in found.items()}
        ratio = medians["stagectl"] / medians["compose"]
        ratios = {**RATIOS, **RATIOS_ON_FUSE} if storage == "fuse-overlayfs" else RATIOS
        print(f"  ratio of medians, wall to wall: {ratio:.2f}{goal(ratios[kind], '.2f')}")
    return {"kind": kind, "sites": count or 1, "our_own_seconds": ours, "ratio": ratio, "compose_phases": phases,
            "runs": {name: [{**vars(one), "rest": one.rest} for one in done] for name, done in found.items()}}


def goal(figure: Optional[float], form: str) -> str:
    return "" if figure is None else f"   (goal: at most {figure:{form}})"


def main() -> int:
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    project = Project(chosen.work, HOME)
    try:
        if not chosen.compose_only and not chosen.stagectl.is_file():
            raise Failed(f"no {chosen.stagectl}: run `make build`")
        command = run([str(HERE / "compose/fetch.sh"), str(chosen.work / "compose-v2")]).output
        project.compose = shlex.split(command.splitlines()[-1])
        facts = surroundings.describe()
        project.prepare(chosen.wheel, chosen.base)
        for name, fact in facts.items():
            print(f"{name}: {fact}")
        found = {kind: measure(chosen, project, kind) for kind in chosen.kind}
        results = [report(kind, chosen.sites, found[kind], facts["storage"]) for kind in chosen.kind]
        path = chosen.work / "results.json"
        path.write_text(json.dumps({**facts, "results": results}, indent=2) + "\n")
        print(f"\nall of it: {path}")
        return 0
    except (Failed, subprocess.SubprocessError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        project.remove(keep_images=chosen.keep_images)
        shutil.rmtree(chosen.work / "wheels", ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
