"""What the ledger holds. One test is for the live release, too."""

import json
import os
import urllib.request

import pytest


@pytest.fixture
def ledger():
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        return json.load(answer)


@pytest.mark.live
def test_the_ledger_was_founded_by_the_live_release(ledger):
    assert ledger["entries"][0]["text"] == "founded by 1.0"


def test_the_new_release_runs_on_what_was_there(ledger):
    texts = [entry["text"] for entry in ledger["entries"] if " by " in entry["text"]]
    assert (ledger["version"], texts) == ("1.1", ["founded by 1.0", "upgraded by 1.1"])


def test_entries_have_an_author(ledger):
    assert "author" in ledger["entries"][0]
