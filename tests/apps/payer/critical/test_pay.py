import json
import os
import time
import urllib.request

SITE, OUTSIDE = os.environ["STAGECTL_URL"], os.environ["STAGECTL_OUTSIDE"]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def asked(**wanted):
    query = "&".join(f"{key}={value}" for key, value in wanted.items())
    return json.loads(get(f"{OUTSIDE}/requests?{query}"))


def forget():
    request = urllib.request.Request(f"{OUTSIDE}/requests", method="DELETE")
    urllib.request.urlopen(request, timeout=5).close()


def test_answers_come_in_their_order_and_the_last_one_stays():
    forget()
    begin = time.monotonic()
    assert get(f"{SITE}pay/5") == "503 7"
    assert time.monotonic() - begin > 0.3
    broken = get(f"{SITE}pay/5")
    assert broken in ("ConnectionResetError", "RemoteDisconnected"), broken
    assert [get(f"{SITE}pay/5") for _ in range(2)] == ["201 ch_1", "201 ch_1"]
    assert [entry["answer"] for entry in asked(host="api.pay.example")] == ["503", "reset", "201", "201"]


def test_what_was_asked_is_told_as_it_was_asked():
    forget()
    get(f"{SITE}pay/7")
    [entry] = asked(method="POST", path="/v1/charges")
    assert json.loads(entry["body"]) == {"amount": 7, "currency": "EUR"}
    assert entry["headers"]["content-type"] == "application/json"
    assert entry["scheme"] == "https"
    assert asked(host="nobody.example") == []


def test_a_request_that_the_stub_does_not_know_says_so():
    assert get(f"{SITE}pay/0") == "501 None"
