"""The board has a price."""

import os
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "board", timeout=10) as answer:
        text = answer.read().decode()
except urllib.error.HTTPError as error:
    text = error.read().decode()
failure = "" if "40 EUR" in text else f"<failure message={quoteattr(text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='price'>{failure}</testcase></testsuite>")
