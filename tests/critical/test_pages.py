import os

import pytest


@pytest.mark.critical
@pytest.mark.read_only
def test_front_page_shows_the_board_in_the_theme_of_the_site(board):
    page = board.get("")
    assert page.status_code == 200
    assert f'<body class="theme-{os.environ.get("NOTICEBOARD_THEME", "paper")}">' in page.text


@pytest.mark.critical
@pytest.mark.read_only
def test_pages_know_the_address_the_world_uses(board):
    assert f'<link rel="canonical" href="{board.url}">' in board.get("").text


@pytest.mark.critical
@pytest.mark.read_only
def test_links_lead_back_into_the_site(board):
    path = "/" + board.url.split("/", 3)[3]
    assert f'<a href="{path}login">' in board.get("").text


@pytest.mark.critical
@pytest.mark.read_only
@pytest.mark.parametrize("name, kind", [("board.css", "text/css"), ("pin.svg", "image/svg+xml")])
def test_static_files_are_served(board, name, kind):
    answer = board.get(f"static/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == kind


def test_an_unknown_page_is_the_boards_own_404(board):
    page = board.get("no-such-page")
    assert page.status_code == 404
    assert "Back to the board" in page.text


def test_static_files_may_be_cached(board):
    changed = board.get("static/board.css").headers["Last-Modified"]
    again = board.get("static/board.css", headers={"If-Modified-Since": changed})
    assert again.status_code == 304
