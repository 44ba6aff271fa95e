import os

import pytest


@pytest.mark.critical
def test_the_administrator_can_log_in_and_out(board):
    assert "Log out" in board.log_in(os.environ["NOTICEBOARD_ADMIN_PASSWORD"]).text
    assert "Log in" in board.post("logout", {}).text


@pytest.mark.critical
def test_a_wrong_password_is_refused(board):
    answer = board.log_in("not the password")
    assert answer.status_code == 403
    assert "Log out" not in board.get("").text


@pytest.mark.critical
def test_a_form_without_its_token_is_refused(board):
    fields = {"name": "admin", "password": os.environ["NOTICEBOARD_ADMIN_PASSWORD"]}
    assert board.post("login", {**fields, "token": "made up"}).status_code == 403


@pytest.mark.critical
def test_the_session_cookie_is_for_this_site_and_https_alone(board):
    board.get("login")
    cookie = next(cookie for cookie in board.session.cookies if cookie.name == "noticeboard")
    assert cookie.secure
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.path == "/" + board.url.split("/", 3)[3]


def test_visitors_cannot_post(board):
    answer = board.post("notices", {"title": "by nobody"}, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/login")
