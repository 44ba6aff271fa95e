"""The board as a visitor sees it. Where it is, the suite learns from stagectl's variables alone."""

import os
import re
import uuid

import pytest
import requests


class Board:
    """A visitor with a browser session; addresses are relative to the board's own."""

    def __init__(self, url: str):
        self.url = url
        self.session = requests.Session()

    def get(self, path: str, **options) -> requests.Response:
        return self.session.get(self.url + path, timeout=10, **options)

    def post(self, path: str, fields: dict, **options) -> requests.Response:
        """Sends a form with the token that the board's pages carry."""
        fields = {"token": self.token(), **fields}
        return self.session.post(self.url + path, data=fields, timeout=10, **options)

    def token(self) -> str:
        return re.search(r'name="token" value="([^"]+)"', self.get("login").text).group(1)

    def log_in(self, password: str) -> requests.Response:
        return self.post("login", {"name": "admin", "password": password})


@pytest.fixture(scope="session")
def url() -> str:
    return os.environ["STAGECTL_URL"]


@pytest.fixture
def board(url: str):
    """A visitor who is not logged in."""
    board = Board(url)
    yield board
    board.session.close()


@pytest.fixture(scope="session")
def admin(url: str):
    """A visitor who is logged in as the administrator."""
    admin = Board(url)
    answer = admin.log_in(os.environ["NOTICEBOARD_ADMIN_PASSWORD"])
    assert answer.status_code == 200, f"log-in answered {answer.status_code}"
    yield admin
    admin.session.close()


@pytest.fixture
def pin(admin: Board):
    """Posts notices, and removes them when the test is over: a suite leaves a site as it was."""
    pinned = []

    def pin_notice(title: str, body: str = "", attachment=None) -> tuple:
        """Returns the notice's id and its title, which is made unique."""
        title = f"{title} {uuid.uuid4().hex[:8]}"
        files = {"attachment": attachment} if attachment else None
        answer = admin.post("notices", {"title": title, "body": body}, files=files,
                            allow_redirects=False)
        assert answer.status_code == 302, f"posting answered {answer.status_code}"
        pinned.append(int(answer.headers["Location"].rpartition("-")[2]))
        return pinned[-1], title

    yield pin_notice
    for notice in pinned:
        admin.post(f"notices/{notice}/remove", {})
