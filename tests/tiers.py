#!/usr/bin/env python3
"""Runs the tests: `make test`, `make test-all`, and what `.ci/run` runs.

    tiers.py first              what second-tier.txt beside this file does not name
    tiers.py all                everything: each fault of Docker at each kind of request, and engines of other makes
    tiers.py ci [COMMIT]        the first tier, and an eighth of the second: another one for other commits

At the end stand the twenty slowest tests, and then, as the last thing, the runner's own summary. Without
cargo-nextest it is `cargo test`, which shows no times.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree

HOME = pathlib.Path(__file__).resolve().parent.parent
LIST = pathlib.Path(__file__).with_name("second-tier.txt")
SHARES = 8
SLOWEST = 20
# A rehearsal waits a good part of its time, for a server or a budget, so that more of them run than there are cores; how many use
# Docker at once is in .config/nextest.toml.
AT_ONCE = max(3, os.cpu_count() or 1)
# Of the tests that are ignored, those that write a document are `make engines`.
ENGINES = "engines::"
TWO_ENGINES = "engines::matrix::two_engines_give_a_verdict_that_holds_or_none"
# The runner's last words begin with it, in colour or not.
SUMMARY = re.compile(r"^(\x1b\[[\d;]*m|\s)*Summary\b")


def second_tier():
    """The tests of the second tier, each a binary and a name."""
    lines = (line.split("#", 1)[0].split() for line in LIST.read_text().splitlines())
    return sorted((binary, name) for binary, name in filter(None, lines))


def share_of(tests, commit):
    """The tests of a commit's eighth; all commits together have every test."""
    chosen = int(commit[:8], 16) % SHARES
    return [test for number, test in enumerate(sorted(tests)) if number % SHARES == chosen]


def without(tests):
    """All but these, as an expression of nextest."""
    return f"not ({' | '.join(f'binary(={binary}) & test(={name})' for binary, name in tests)})"


def commit_here():
    """The commit that is tested; without git it is always the first eighth."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return found.stdout.strip() or "0"


def left_out(tier, commit):
    """The tests that a tier does not run."""
    others = second_tier()
    if tier != "ci":
        return others
    mine = share_of(others, commit or commit_here())
    print(f"tiers: {len(mine)} of the {len(others)} tests of the second tier, for this commit:")
    print(*(f"  {binary} {name}" for binary, name in mine), sep="\n", flush=True)
    return [test for test in others if test not in mine]


def command_of(tier, commit, nextest):
    """The command of a tier."""
    if nextest:
        run = ["cargo", "nextest", "run", "--locked", "--no-fail-fast", "--test-threads", str(AT_ONCE)]
        if tier == "all":
            return [*run, "--run-ignored", "all", "--filterset", f"not test(/^{ENGINES}/) | test(={TWO_ENGINES})"]
        return [*run, "--filterset", without(left_out(tier, commit))]
    run = ["cargo", "test", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests", "--"]
    if tier == "all":
        return [*run, "--include-ignored", "--skip", "engines::matrix::every", "--skip", "engines::ssh"]
    return [*run, "--exact", *(word for _, name in left_out(tier, commit) for word in ("--skip", name))]


def has_nextest():
    asked = subprocess.run(["cargo", "nextest", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return asked.returncode == 0


def slowest(junit):
    """The slowest tests by a JUnit file, as lines."""
    cases = xml.etree.ElementTree.parse(junit).getroot().iter("testcase")
    timed = sorted(((float(case.get("time", 0)), f"{case.get('classname')} {case.get('name')}") for case in cases),
                   key=lambda case: (-case[0], case[1]))
    return [f"{seconds:8.1f} s  {name}" for seconds, name in timed[:SLOWEST]]


def print_slowest(junit):
    try:
        lines = slowest(junit)
    except (OSError, xml.etree.ElementTree.ParseError):
        return  # it did not get so far
    print(f"the {len(lines)} slowest tests (all: {junit})", *lines, sep="\n", flush=True)


def run(command, junit):
    """Runs it and hands on what it says, its summary last; returns its code."""
    # A person sees the summary anyway, and a bar of progress until then.
    is_seen = sys.stderr.isatty() or junit is None
    options: dict = {} if is_seen else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    held: list = []
    with subprocess.Popen(command, **options) as running:
        # A Ctrl-C goes to the runner, too, which ends in order; what a CI server sends comes here alone.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda number, _: running.send_signal(number))
        for line in running.stdout or ():
            if held or SUMMARY.match(line):
                held.append(line)
            else:
                print(line, end="", flush=True)
    if junit is not None:
        print_slowest(junit)
    print("".join(held), end="", flush=True)
    return running.returncode


def main():
    most = 3 if sys.argv[1:2] == ["ci"] else 2
    if sys.argv[1:2] not in (["first"], ["all"], ["ci"]) or len(sys.argv) > most or "--help" in sys.argv:
        print(__doc__, file=sys.stderr)
        return 2
    tier, commit = (*sys.argv[1:3], None)[:2]
    os.chdir(HOME)
    if tier == "all":
        os.environ.setdefault("STAGECTL_FAULTS", "all")
    nextest = has_nextest()
    command = command_of(tier, commit, nextest)
    # What a tier leaves out is a list of many lines.
    shown = " ".join(command).replace(without(second_tier()), "not (tests/second-tier.txt)")
    print(f"+ {shown[:300]}", flush=True)
    junit = None
    if nextest:
        # There, wherever cargo builds.
        junit = pathlib.Path("target/nextest/default/junit.xml")
        if junit.exists():
            junit.unlink()
    return run(command, junit)


if __name__ == "__main__":
    sys.exit(main())
