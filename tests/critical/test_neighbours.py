"""The hosts that only some sites have beside them: each test is for those alone."""

import os

import pytest
import requests

MAILS = os.environ.get("STAGECTL_MAILS")
OUTSIDE = os.environ.get("STAGECTL_OUTSIDE")


@pytest.mark.critical
@pytest.mark.skipif(not MAILS, reason="the site sends no mail")
def test_the_editors_are_told_of_a_new_notice(pin):
    _, title = pin("Brückentag – wer öffnet?")
    mails = requests.get(MAILS, params={"wait": 5}, timeout=10).json()
    assert f"New notice: {title}" in [mail["subject"] for mail in mails]


@pytest.mark.critical
@pytest.mark.skipif("NOTICEBOARD_WEATHER_URL" not in os.environ, reason="the site has no weather")
def test_the_weather_is_that_of_the_weather_service(board):
    assert board.get("api/weather").json() == {"place": "Brest", "celsius": 12, "sky": "pluie"}
    asked = requests.get(f"{OUTSIDE}/requests", params={"host": "api.weather.example"}, timeout=10)
    assert {request["path"] for request in asked.json()} == {"/v1/today"}


@pytest.mark.critical
@pytest.mark.skipif(os.environ["STAGECTL_SITE"] != "site-b", reason="only that board has a past")
def test_notices_of_the_release_before_are_still_there(board):
    titles = [notice["title"] for notice in board.get("api/notices").json()["notices"]]
    assert "Kran 3 fällt aus" in titles
