import json, os, urllib.request

OUTSIDE, MAILS = os.environ["STAGECTL_OUTSIDE"], os.environ["STAGECTL_MAILS"]


def asked(url, method="GET"):
    return urllib.request.urlopen(urllib.request.Request(url, method=method)).status


def test_the_suite_asks_and_deletes():
    assert asked(f"{OUTSIDE}/requests") == 200
    assert asked(MAILS) == 200
    assert asked(f"{OUTSIDE}/requests", "DELETE") == 204
    assert asked(MAILS, "DELETE") == 204
