"""The board shows its titles as they were written."""

import os
import urllib.request
from xml.sax.saxutils import quoteattr

with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    titles = answer.read().decode().splitlines()
expected = ["Führung", "Sommerfest"]
wrong = [title for title in titles if title not in expected]
failure = f"<failure message={quoteattr(f'the board says {wrong[0]}')}/>" if wrong else ""
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='titles'>{failure}</testcase></testsuite>")
