"""stagectl's plugin for the pytest of a critical suite.

It writes each test's node id into the JUnit XML, whose classes and names do not lead back to it, and
whether the test is advice alone (`@pytest.mark.advisory`). Where STAGECTL_ONLY has a JSON list of node
ids, these tests alone are run: by comparison, so that brackets, blanks and letters of any kind do no harm.
Lists of the same kind are STAGECTL_LEFT_OUT, which are not run, and STAGECTL_ORDER: those in it run in its
order, after all that are in neither.
With pytest-xdist it is in each worker, too.

A run that ends early (`-x`, `pytest.exit`) looks whole by its result: which tests were collected and not run is
written there, too.
What goes on is in a journal beside the result, for a run that is killed: lines of JSON.

Begun before the site is there, pytest waits at two gates: with nothing of the suite's own read, until the site answers; and
with the tests collected, until it was diagnosed. A gate is open when a byte can be read from the pipe STAGECTL_GATE.
"""

import contextlib
import json
import os

import pytest

# Not for the tests, and not for workers.
GATE = os.environ.pop("STAGECTL_GATE", None)
if GATE is not None:
    os.set_inheritable(int(GATE), False)


# Ids of tests, in their order: those that are to be run; and those of which there is a result.
WANTED: dict = {}
ENDED: set = set()
# The most that are named.
NAMED = 10
LONGEST = 600


def note(**what):
    """Writes a line of the journal; a run goes on without one."""
    with contextlib.suppress(OSError), open(os.environ["STAGECTL_JUNIT"] + ".journal", "a", encoding="utf-8") as journal:
        journal.write(json.dumps(what) + "\n")


def wait_at_gate():
    if GATE is not None:
        os.read(int(GATE), 1)


# A wrapper is before every other plugin, whatever that says of itself.
@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests():
    wait_at_gate()
    yield


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    wait_at_gate()
    WANTED.update(dict.fromkeys(item.nodeid for item in getattr(session, "items", ())))
    yield


# Of pytest-xdist, whose workers collect.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids):
    WANTED.update(dict.fromkeys(ids))


def pytest_collectstart(collector):
    if isinstance(collector, pytest.Module):
        note(reads=collector.nodeid)


def pytest_runtest_logstart(nodeid):
    note(begins=nodeid)


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        ENDED.add(report.nodeid)
    if report.outcome == "failed":
        crash = getattr(report.longrepr, "reprcrash", None)
        note(fails=report.nodeid, says=str(getattr(crash, "message", None) or report.longreprtext)[:LONGEST])


def pytest_runtest_logfinish(nodeid):
    note(ends=nodeid)


# Before the result is written.
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):  # one of pytest-xdist's, which end before the run does
        return
    note(is_over=True)
    missed = [test for test in WANTED if test not in ENDED]
    result = result_of(session.config)
    if missed and result is not None:
        said = {"number": len(missed), "of": len(WANTED), "first": missed[:NAMED]}
        result.add_global_property("stagectl.missed", json.dumps(said))


def result_of(config):
    """The writer of the JUnit XML, if there is one."""
    try:
        from _pytest.junitxml import xml_key
    except ImportError:  # before pytest 5.4
        return getattr(config, "_xml", None)
    stash = getattr(config, "stash", None) or getattr(config, "_store", None)
    return stash.get(xml_key, None) if stash is not None else None


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "advisory: judged and shown by stagectl, and never failing the site")
    config.addinivalue_line(
        "markers", "read_only: changes nothing, so that stagectl may run it against the live site, too")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        item.user_properties.append(("stagectl.id", item.nodeid))
        if item.get_closest_marker("advisory"):
            item.user_properties.append(("stagectl.advisory", "true"))
    if "STAGECTL_ONLY" in os.environ:
        leave_out(config, items, {item.nodeid for item in items}.difference(ids_in("STAGECTL_ONLY")))
    else:
        leave_out(config, items, set(ids_in("STAGECTL_LEFT_OUT")))
        place = {test: number for number, test in enumerate(ids_in("STAGECTL_ORDER"))}
        items.sort(key=lambda item: place.get(item.nodeid, -1))


def ids_in(name):
    return json.loads(os.environ.get(name, "[]"))


def leave_out(config, items, ids):
    others = [item for item in items if item.nodeid in ids]
    if others:
        items[:] = [item for item in items if item.nodeid not in ids]
        config.hook.pytest_deselected(items=others)
