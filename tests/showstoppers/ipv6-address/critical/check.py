"""A new notice stands on the board."""

import os
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

failure = ""
try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], data=b"Sommerfest", timeout=10) as answer:
        titles = answer.read().decode().splitlines()
    assert titles == ["Sommerfest"], titles
except (AssertionError, urllib.error.HTTPError) as error:
    failure = f"<failure message={quoteattr(f'the notice is not taken: {error}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='notice'>{failure}</testcase></testsuite>")
