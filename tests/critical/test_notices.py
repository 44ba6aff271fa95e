import pytest

TITLE = "Grüße aus Zürich – ½ Preis"


def titles(board) -> list:
    return [notice["title"] for notice in board.get("api/notices").json()["notices"]]


@pytest.mark.critical
def test_a_new_notice_is_on_the_board_at_once(board, pin):
    titles(board)  # so that the list is in the cache
    _, title = pin(TITLE, "Für alle, auch für Œdipe: 1,50 €")
    assert title in titles(board)
    page = board.get("")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert title in page.text
    assert "Für alle, auch für Œdipe: 1,50 €" in page.text


@pytest.mark.critical
def test_an_attachment_comes_back_as_it_was_sent(board, pin):
    content = "½ Preis für Übersee\n".encode() * 1000
    notice, title = pin(TITLE, attachment=("Preisliste März.txt", content, "text/plain"))
    answer = board.get(f"notices/{notice}/attachment")
    assert answer.content == content
    assert "Gr%C3%BC%C3%9Fe" in answer.headers["Content-Disposition"]
    assert f"{notice} {title}.txt" in board.get("").text


@pytest.mark.critical
def test_a_removed_notice_is_gone(board, admin, pin):
    notice, title = pin(TITLE, attachment=("a.txt", b"a", "text/plain"))
    admin.post(f"notices/{notice}/remove", {})
    assert title not in titles(board)
    assert board.get(f"notices/{notice}/attachment").status_code == 404


def test_what_visitors_write_is_text_and_not_markup(board, pin):
    pin("<b>bold</b>")
    page = board.get("").text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>" not in page
