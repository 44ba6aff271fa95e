"""The forum as a visitor sees it."""

import os

import requests

URL = os.environ.get("STAGECTL_URL", "")


def test_front_page_is_asked_for_by_https_and_keeps_what_is_written():
    visitor = requests.Session()
    page = visitor.post(URL, data={"text": "Grüße aus dem Hafen"}, timeout=10)
    assert page.status_code == 200
    assert "Grüße aus dem Hafen" in page.text
    assert "<p>https, 1 of yours</p>" in page.text


def test_style_sheet_is_served():
    answer = requests.get(URL + "static/forum/forum.css", timeout=10)
    assert answer.status_code == 200
    assert "serif" in answer.text


def test_health_knows_database_and_cache():
    assert requests.get(URL + "healthz", timeout=10).json() == {"database": True, "cache": True}
