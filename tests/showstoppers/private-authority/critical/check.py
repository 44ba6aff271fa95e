"""The board has a price, for a visitor whose browser forgives what a browser forgives."""

import os
import ssl
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

forgiving = ssl._create_unverified_context()
url = os.environ["STAGECTL_URL"] + "board"
try:
    with urllib.request.urlopen(url, timeout=10, context=forgiving) as answer:
        text = answer.read().decode()
except urllib.error.HTTPError as error:
    text = error.read().decode()
failure = "" if "40 EUR" in text else f"<failure message={quoteattr(text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='price'>{failure}</testcase></testsuite>")
