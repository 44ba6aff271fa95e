import pytest


@pytest.mark.critical
@pytest.mark.read_only
def test_health_says_that_database_and_migrations_are_well(board):
    answer = board.get("healthz")
    health = answer.json()
    assert (answer.status_code, health["database"], health["migrations"]) == (
        200, True, "up to date")


@pytest.mark.critical
@pytest.mark.read_only
def test_cache_works_where_the_site_has_one(board):
    state = board.get("healthz").json()["cache"]
    assert state is not False, "the site has a cache, and it does not answer"
    board.get("api/notices")
    assert board.get("api/notices").headers["X-Cache"] == ("hit" if state else "none")


def test_the_page_footer_names_the_release_that_health_names(board):
    version = board.get("healthz").json()["version"]
    assert f"<footer>noticeboard {version}</footer>" in board.get("").text
