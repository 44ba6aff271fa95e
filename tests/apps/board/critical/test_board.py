"""What a board is for. One test is for the live release, too."""

import json
import os
import urllib.request

import pytest


def ask(text=None):
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], text, timeout=10) as answer:
        return json.load(answer)


def test_the_new_release_has_the_notices_of_the_live_one():
    board = ask()
    assert board["version"] != "1.0"
    assert set(board["notices"]) == {"Sommerfest"}


@pytest.mark.live
def test_a_notice_can_be_posted():
    assert ask(b"Sommerfest")["notices"][-1] == "Sommerfest"
