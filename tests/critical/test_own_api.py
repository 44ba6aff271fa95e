import pytest


@pytest.mark.critical
def test_api_lists_what_every_board_starts_with(board):
    answer = board.get("api/notices")
    assert answer.headers["Content-Type"] == "application/json"
    assert "Grüße aus Zürich – ½ Preis" in [notice["title"] for notice in answer.json()["notices"]]


@pytest.mark.critical
@pytest.mark.read_only
def test_board_is_reachable_by_its_own_address(board):
    answer = board.get("api/self")
    if answer.status_code != 200:
        pytest.fail(answer.json()["error"], pytrace=False)
    assert answer.json()["url"] == board.url + "api/notices"
