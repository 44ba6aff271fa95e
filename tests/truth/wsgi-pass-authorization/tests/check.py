"""A customer who logs in sees the orders."""

import os
import urllib.request
from xml.sax.saxutils import quoteattr

request = urllib.request.Request(os.environ["STAGECTL_URL"] + "orders", headers={"Authorization": "Basic YTpi"})
try:
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
except OSError as error:
    text = str(error)
failure = "" if text == "a shop" else f"<failure message={quoteattr(text[:80])}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='orders'>{failure}</testcase></testsuite>")
