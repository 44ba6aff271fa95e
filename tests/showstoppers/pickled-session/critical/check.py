"""What a customer puts into the basket is in it."""

import os
import urllib.request
from xml.sax.saxutils import quoteattr

URL = os.environ["STAGECTL_URL"]
with urllib.request.urlopen(URL, b"thing=Compass", timeout=10) as answer:
    cookie = answer.headers["Set-Cookie"].split(";")[0]
with urllib.request.urlopen(urllib.request.Request(URL, headers={"Cookie": cookie}), timeout=10) as answer:
    things = answer.read().decode()
failure = "" if things == "Compass" else f"<failure message={quoteattr('the basket has in it: ' + things)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='basket'>{failure}</testcase></testsuite>")
raise SystemExit(1 if failure else 0)
