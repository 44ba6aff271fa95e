"""A customer gets to the basket, wherever it is."""

import os
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "basket", timeout=10) as answer:
        text = answer.read().decode()
except urllib.error.URLError as error:
    text = str(error)
failure = "" if text == "a basket" else f"<failure message={quoteattr(text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='basket'>{failure}</testcase></testsuite>")
