"""The shop is open, as a header of an included file says."""

import os
import urllib.request
from xml.sax.saxutils import quoteattr

with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    text = f"{answer.read().decode()}, {answer.headers['X-Shop']}"
failure = "" if text == "a shop, open" else f"<failure message={quoteattr(text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='header'>{failure}</testcase></testsuite>")
