import os

import pytest
import requests

pytestmark = pytest.mark.critical
URL = os.environ.get("STAGECTL_URL", "")


def get(path: str, **options) -> requests.Response:
    return requests.get(URL + path, timeout=10, **options)


def test_get_knows_the_address_the_world_uses():
    answer = get("get", params={"q": "Grüße"}).json()
    assert answer["url"] == URL + "get?q=Grüße"
    assert answer["args"] == {"q": "Grüße"}


def test_host_header_is_the_live_name():
    assert get("headers").json()["headers"]["Host"] == URL.split("/")[2]


def test_absolute_redirects_stay_on_the_site():
    answer = get("absolute-redirect/2")
    assert answer.status_code == 200
    assert [step.headers["Location"] for step in answer.history] == [
        URL + "absolute-redirect/1", URL + "get"]


def test_redirects_are_followed_to_the_end():
    answer = get("redirect/3")
    assert (answer.status_code, len(answer.history), answer.url) == (200, 3, URL + "get")


@pytest.mark.parametrize("coding, path, key", [
    ("gzip", "gzip", "gzipped"), ("deflate", "deflate", "deflated")])
def test_compressed_answers_arrive_whole(coding, path, key):
    answer = get(path)
    assert answer.headers["Content-Encoding"] == coding
    assert answer.json()[key] is True


def test_brotli_library_is_there():
    answer = get("brotli", stream=True, headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "br")


def test_utf8_page_is_utf8():
    answer = get("encoding/utf8")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "∮ E⋅da = Q" in answer.content.decode("utf-8")


def test_posted_bytes_come_back():
    answer = requests.post(URL + "post", files={"file": ("ü.txt", "½ Preis".encode())}, timeout=10)
    assert answer.json()["files"] == {"file": "½ Preis"}


@pytest.mark.parametrize("password, status", [("right", 200), ("wrong", 401)])
def test_basic_auth_reaches_the_app(password, status):
    assert get("basic-auth/user/right", auth=("user", password)).status_code == status
