#!/usr/bin/env python3
"""Times the rehearsal of site-a beside the same job by Docker Compose v2, in interleaved pairs.

The job is: up, migrate and the other deploy steps, ready, the critical suite, down. `hot`: nothing
changed since the last time. `warm`: everything is built, and each time there is a new release wheel.
Prints medians and the ratio of medians; details go to target/bench/results.json. Needs Docker, a
package mirror and a package index for what is not built yet, openssl, and the standard library.
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

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "compose"))
from measured import Failed, Measured, run, say  # noqa: E402
from project import Project  # noqa: E402
from wheels import new_wheel  # noqa: E402

HERE = Path(__file__).resolve().parent
HOME = HERE.parent
AIMS = {"hot": 0.45, "warm": 0.6}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="a wheel of the sample app that passes on site-a")
    parser.add_argument("--stagectl", type=Path, default=HOME / "target/release/stagectl")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of each kind, at least 1 (5)")
    parser.add_argument("--kind", choices=AIMS, action="append", help="hot or warm (both)")
    parser.add_argument("--base", default=os.environ.get("BENCH_BASE"),
                        help="a Debian 12 image for the Compose side (found or bootstrapped)")
    parser.add_argument("--work", type=Path, default=HOME / "target/bench")
    parser.add_argument("--compose-only", action="store_true", help="leave stagectl out")
    parser.add_argument("--keep-images", action="store_true",
                        help="keep the images of the Compose side for the next benchmark")
    chosen = parser.parse_args()
    chosen.kind = chosen.kind or list(AIMS)
    chosen.work = chosen.work.resolve()
    return chosen


def rehearse(stagectl: Path, wheel: Path) -> Measured:
    """Runs the whole job with stagectl; its guardian's time is its own affair and not counted."""
    return run([str(stagectl.resolve()), "rehearse", "--release", str(wheel), "site-a"], folder=HOME)


def measure(chosen: argparse.Namespace, project: Project, kind: str) -> dict:
    """Runs the pairs of one kind, in changing order, after a run of each that does not count."""
    jobs = {"compose": lambda wheel: project.job(wheel if kind == "warm" else None)}
    if not chosen.compose_only:
        jobs["stagectl"] = lambda wheel: rehearse(chosen.stagectl, wheel)
    found: dict = {name: [] for name in jobs}
    for pair in range(chosen.pairs + 1):
        wheel = chosen.wheel.resolve()
        if kind == "warm":
            wheel = new_wheel(wheel, chosen.work / "wheels" / str(pair))
        for name in sorted(jobs, reverse=pair % 2 == 1):
            measured = jobs[name](wheel)
            say(f"{kind} {pair or 'once before'}: {name} {measured.seconds:.2f} s")
            if pair:
                found[name].append(measured)
    return found


def report(kind: str, found: dict) -> dict:
    """Prints what was found, and returns it as plain data."""
    print(f"\n{kind}, seconds from start to end, {len(found['compose'])} interleaved pairs")
    for name, runs in found.items():
        seconds = [one.seconds for one in runs]
        cpu = median(one.cpu / one.seconds for one in runs)
        memory = max(one.peak_bytes for one in runs) / 2**20
        print(f"  {name:9} median {median(seconds):6.2f}   {min(seconds):.2f} to {max(seconds):.2f}"
              f"   own CPU {100 * cpu:.1f} % of the time   peak {memory:.0f} MiB")
    phases = {}
    for phase in found["compose"][0].phases:
        phases[phase] = median(one.phases[phase] for one in found["compose"])
    print("  compose's phases  " + "   ".join(f"{name} {time:.2f}" for name, time in phases.items()))
    ratio = None
    if "stagectl" in found:
        medians = {name: median(one.seconds for one in runs) for name, runs in found.items()}
        ratio = medians["stagectl"] / medians["compose"]
        print(f"  ratio of medians  {ratio:.2f}   (aim: at most {AIMS[kind]})")
    return {"kind": kind, "ratio": ratio, "compose_phases": phases,
            "runs": {name: [vars(one) for one in runs] for name, runs in found.items()}}


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
        project.prepare(chosen.wheel, chosen.base)
        results = [report(kind, measure(chosen, project, kind)) for kind in chosen.kind]
        path = chosen.work / "results.json"
        path.write_text(json.dumps(results, indent=2) + "\n")
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
