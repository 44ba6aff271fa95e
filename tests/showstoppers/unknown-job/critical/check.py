"""The worker does what it is given: a notice that is posted stands on the board, and no job has failed before."""

import os
import time
import urllib.request
from xml.sax.saxutils import quoteattr

URL, end = os.environ["STAGECTL_URL"], time.monotonic() + 15
urllib.request.urlopen(URL, b"title=Sommerfest", timeout=10).close()
seen = []
while "Sommerfest" not in seen and time.monotonic() < end:
    with urllib.request.urlopen(URL, timeout=10) as answer:
        seen = answer.read().decode().splitlines()
said = "" if "Sommerfest" in seen and seen[0] == "failed: none" else f"the board says {seen}"
failure = f"<failure message={quoteattr(said)}/>" if said else ""
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='jobs'>{failure}</testcase></testsuite>")
raise SystemExit(1 if failure else 0)
