"""A customer can order."""

import os
import urllib.request
from xml.sax.saxutils import quoteattr

try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "order", timeout=10) as answer:
        text = answer.read().decode()
except OSError as error:
    text = str(error)
failure = "" if "40 EUR" in text else f"<failure message={quoteattr('the order got ' + text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='order'>{failure}</testcase></testsuite>")
