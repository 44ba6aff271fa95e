"""The shop hears of its customers what the balancer and the proxy say; a large upload goes through both."""

import http.client
import json
import os
import urllib.parse
import urllib.request
from xml.sax.saxutils import quoteattr

URL = os.environ["STAGECTL_URL"]
HOST = urllib.parse.urlsplit(URL).hostname
MUCH = 3 << 20
expected = {"said": os.environ["SAID"], "scheme": os.environ["SCHEME"], "hops": os.environ["HOPS"],
            "host": HOST, "read": MUCH}
try:
    with urllib.request.urlopen(urllib.request.Request(URL, b"x" * MUCH), timeout=20) as answer:
        said = json.load(answer)
    plain = http.client.HTTPConnection(HOST, timeout=10)
    plain.request("GET", "/a")
    answer = plain.getresponse()
    said["plain"], expected["plain"] = [answer.status, answer.headers["Location"]], [301, URL + "a"]
except OSError as error:
    said = {"error": str(error)}
failure = "" if said == expected else f"<failure message={quoteattr(f'{said}, expected {expected}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='customer'>{failure}</testcase></testsuite>")
