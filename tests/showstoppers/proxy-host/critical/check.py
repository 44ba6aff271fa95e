"""A customer opens the shop, as a browser does it."""
import os
import sys
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

failure = ""
try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        page = answer.read().decode()
    assert page == "Welcome to the shop", page[:200]
except (AssertionError, urllib.error.HTTPError) as error:
    failure = f"<failure message={quoteattr(f'the shop does not open: {error}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase classname="check" name="the shop opens">{failure}</testcase></testsuite>')
sys.exit(1 if failure else 0)
