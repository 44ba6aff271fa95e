"""A customer asks for the log-in over HTTPS, and comes to it through both proxies; over HTTP it leads to HTTPS."""
import http.client
import json
import os
import urllib.parse
import urllib.request
from xml.sax.saxutils import quoteattr

URL = os.environ["STAGECTL_URL"]
HOST = urllib.parse.urlsplit(URL).hostname


def check():
    with urllib.request.urlopen(f"{URL}login/", timeout=10) as answer:
        seen = json.load(answer)
    assert seen["secure"] and seen["address"] == f"{URL}login/", seen
    assert seen["HTTP_X_FORWARDED_PROTO"] == "https", seen
    # The customer's address, and that of the load balancer.
    assert len(seen["HTTP_X_FORWARDED_FOR"].split(", ")) == 2, seen
    plain = http.client.HTTPConnection(HOST, timeout=10)
    plain.request("GET", "/login/")
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"{URL}login/"), (answer.status, answer.headers)


failure = ""
try:
    check()
except (AssertionError, OSError) as error:
    failure = f"<failure message={quoteattr(repr(error))}/>"
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase classname="check" name="the log-in">{failure}</testcase></testsuite>')
