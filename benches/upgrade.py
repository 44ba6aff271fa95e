#!/usr/bin/env python3
"""Times the rehearsal of an upgrade, and holds it against what its parts cost.

The sample's site-c goes from the live release 1.0 to the one that is given, in the states live, between and
new; nothing changed since the last time. Of its wall time, some seconds are those of the deploys and of the
suites of these states, as report.json times them; the rest is what a rehearsal of states costs beside them:
our own seconds. In turns with it, the same release is installed on an empty site-c: what an upgrade adds to
our own seconds is the difference. See README.md here; details go to target/bench/upgrade.json. Needs what a
rehearsal needs, and the standard library.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Dict, List, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "compose"))
import surroundings  # noqa: E402
from measured import Failed, run, say  # noqa: E402
from own import new_report, runs  # noqa: E402
from states import Parts, parts_of  # noqa: E402

HOME = Path(__file__).resolve().parent.parent
SITE = "site-c"
# Seconds that are our own, at most.
GOAL = 1.5


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help=f"a wheel of the sample app to which {SITE} is upgraded")
    parser.add_argument("--stagectl", type=Path, default=HOME / "target/release/stagectl")
    parser.add_argument("--runs", type=int, default=5, help="runs that count, at least 1 (5)")
    parser.add_argument("--work", type=Path, default=HOME / "target/bench")
    return parser.parse_args()


def rehearse(stagectl: Path, wheel: Path, more: List[str]) -> Parts:
    before = runs(HOME)
    command = [str(stagectl.resolve()), "rehearse", "--release", str(wheel.resolve()), *more, SITE]
    measured = run(command, folder=HOME)
    return parts_of(new_report(HOME, before), measured.seconds)


def measure(stagectl: Path, wheel: Path, count: int) -> Tuple[List[Parts], List[Parts]]:
    """Upgrades the site and installs it anew, in turns, so often, after a turn that does not count."""
    upgrades, installations = [], []
    for number in range(count + 1):
        upgrade = rehearse(stagectl, wheel, [])
        if len(upgrade.deploys) < 2:
            raise Failed(f"no upgrade of {SITE} was rehearsed: has its description a live release?")
        installation = rehearse(stagectl, wheel, ["--set", "live=null"])
        say(f"{number or 'once before'}: upgrade {upgrade.wall:.2f} s, {upgrade.own:.2f} s our own; "
            f"installation {installation.wall:.2f} s, {installation.own:.2f} s our own")
        if number:
            upgrades.append(upgrade)
            installations.append(installation)
    return upgrades, installations


def medians(found: List[Dict[str, float]]) -> str:
    """`up 1.20, down 0.40`, the most first."""
    each = {name: median(one.get(name, 0.0) for one in found) for name in found[0]}
    return ", ".join(f"{name} {time:.2f}" for name, time in sorted(each.items(), key=lambda one: -one[1]))


def print_parts(title: str, found: List[Parts]) -> float:
    """Prints what was found, and returns our own seconds."""
    own = median(one.own for one in found)
    walls = [one.wall for one in found]
    print(f"\n{title} of {SITE}, hot, runs: {len(found)}; medians in seconds")
    print(f"  wall: {median(walls):.2f} (from {min(walls):.2f} to {max(walls):.2f})")
    print(f"  deploys: {median(sum(one.deploys.values()) for one in found):.2f}   "
          + medians([one.deploys for one in found]))
    print(f"  of these, the app's steps: {median(one.steps for one in found):.2f}")
    print(f"  suites: {median(sum(one.suites.values()) for one in found):.2f}   " + medians([one.suites for one in found]))
    print(f"  our own seconds: {own:.2f}")
    print("  our own were spent on: " + medians([one.rest for one in found]))
    return own


def judged(seconds: float) -> str:
    return f"goal of {GOAL:.1f} {'met' if seconds <= GOAL else 'missed'}"


def main() -> int:
    chosen = options()
    try:
        if not chosen.stagectl.is_file():
            raise Failed(f"no {chosen.stagectl}: run `make build`")
        facts = surroundings.describe()
        for name, fact in facts.items():
            print(f"{name}: {fact}")
        upgrades, installations = measure(chosen.stagectl, chosen.wheel, max(1, chosen.runs))
        own, anyway = print_parts("upgrade", upgrades), print_parts("installation", installations)
        print(f"\nour own seconds of an upgrade: {own:.2f}, {judged(own)}; what it adds to an installation: "
              f"{own - anyway:.2f}, {judged(own - anyway)}")
        chosen.work.mkdir(parents=True, exist_ok=True)
        path = chosen.work / "upgrade.json"
        figures = {kind: [{**vars(one), "own": one.own} for one in found]
                   for kind, found in (("upgrades", upgrades), ("installations", installations))}
        path.write_text(json.dumps({**facts, **figures}, indent=2) + "\n")
        print(f"\nall of it: {path}")
        return 0
    except (Failed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
