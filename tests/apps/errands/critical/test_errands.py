"""The errands as a visitor sees them."""

import os
import time

import requests

URL = os.environ.get("STAGECTL_URL", "")


def test_an_errand_is_run():
    page = requests.post(URL + "errands", data={"what": "Schrauben holen"}, timeout=10)
    assert page.status_code == 200
    until = time.monotonic() + 10
    while "<ol><li>Schrauben holen</li>" not in page.text and time.monotonic() < until:
        time.sleep(0.2)
        page = requests.get(URL, timeout=10)
    assert "<ol><li>Schrauben holen</li>" in page.text


def test_style_sheet_is_served():
    answer = requests.get(URL + "static/errands.css", timeout=10)
    assert answer.status_code == 200
    assert "teal" in answer.text


def test_health_knows_the_scheme_of_the_world():
    assert requests.get(URL + "healthz", timeout=10).json() == {"redis": True, "scheme": URL.split(":")[0]}
