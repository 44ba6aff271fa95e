import importlib.util
import os
import urllib.request


def test_ok():
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        assert answer.status == 200


def test_six():
    assert importlib.util.find_spec("six") or "q1" in os.environ["STAGECTL_URL"]
