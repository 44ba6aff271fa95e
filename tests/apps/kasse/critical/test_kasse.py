"""The till as a visitor sees it: `ihatemoney` of the package index, with a name of its own."""

import os
import re
import uuid

import requests

URL = os.environ.get("STAGECTL_URL", "")


def test_front_page_has_the_name_that_the_configuration_gives():
    answer = requests.get(URL, timeout=20)
    assert answer.status_code == 200
    assert "<title>Kasse" in answer.text


def test_a_project_is_made_and_kept():
    visitor = requests.Session()
    visitor.headers["Referer"] = URL
    name = "Prüfung " + uuid.uuid4().hex[:8]
    identifier = "pruefung-" + uuid.uuid4().hex[:8]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.get(URL, timeout=20).text).group(1)
    fields = {"csrf_token": token, "name": name, "id": identifier, "password": "ein-Wort-42", "contact_email": "kasse@example.org",
              "default_currency": "XXX"}
    answer = visitor.post(URL + "create", data=fields, timeout=30)
    assert answer.status_code == 200
    assert name in visitor.get(URL + identifier + "/", timeout=20).text


def test_style_sheet_is_served():
    assert requests.get(URL + "static/css/main.css", timeout=10).status_code == 200
