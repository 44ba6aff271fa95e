"""A visitor of the live board: posts a notice and stays logged in; with --check, both still hold."""

import json
import os
import pathlib
import re
import sys

import requests

URL = os.environ["STAGECTL_URL"]
NOTE = pathlib.Path(os.environ["STAGECTL_VISIT"], "cookies.json")
TITLE = "Grüße von gestern"


def send(visitor: requests.Session, path: str, fields: dict) -> None:
    """Sends a form with the token that the board's pages carry."""
    page = visitor.get(f"{URL}login", timeout=10).text
    token = re.search(r'name="token" value="([^"]+)"', page).group(1)
    visitor.post(URL + path, {"token": token, **fields}, timeout=10).raise_for_status()


def leave(visitor: requests.Session) -> None:
    send(visitor, "login", {"name": "admin", "password": os.environ["NOTICEBOARD_ADMIN_PASSWORD"]})
    send(visitor, "notices", {"title": TITLE, "body": "Von der Ausgabe davor."})
    NOTE.write_text(json.dumps(visitor.cookies.get_dict()))


def check(visitor: requests.Session) -> None:
    visitor.cookies.update(json.loads(NOTE.read_text()))
    page = visitor.get(URL, timeout=10).text
    for left in (TITLE, "Log out"):
        if left not in page:
            sys.exit(f"the board shows no {left!r} any more")


with requests.Session() as somebody:
    if "--check" in sys.argv:
        check(somebody)
    else:
        leave(somebody)
