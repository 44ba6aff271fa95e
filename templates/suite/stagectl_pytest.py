"""stagectl's plugin for the pytest of a critical suite.

It writes each test's node id into the JUnit XML, whose classes and names do not lead back to it, and
whether the test is advice alone (`@pytest.mark.advisory`). Where STAGECTL_ONLY has a JSON list of node
ids, these tests alone are run: by comparison, so that brackets, blanks and letters of any kind do no harm.
With pytest-xdist it is in each worker, too.
"""

import json
import os

import pytest


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "advisory: judged and shown by stagectl, and never failing the site")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        item.user_properties.append(("stagectl.id", item.nodeid))
        if item.get_closest_marker("advisory"):
            item.user_properties.append(("stagectl.advisory", "true"))
    if "STAGECTL_ONLY" not in os.environ:
        return
    only = set(json.loads(os.environ["STAGECTL_ONLY"]))
    others = [item for item in items if item.nodeid not in only]
    if others:
        items[:] = [item for item in items if item.nodeid in only]
        config.hook.pytest_deselected(items=others)
