"""The shop finds on its host what the live one has."""

import json
import os
import urllib.request
from xml.sax.saxutils import quoteattr

EXPECTED = {
    "month": "février", "clock": "UTC", "cache": "found",
    "zone": "'Multiple conflicting time zone configurations found:", "site": "127.0.0.1",
}
with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    said = json.load(answer)
found = ""
for name, expected in EXPECTED.items():
    text = "" if said[name].startswith(expected) else f"{said[name]!r}, expected {expected!r}"
    failure = f"<failure message={quoteattr(text)}/>" if text else ""
    found += f"<testcase name={quoteattr(name)}>{failure}</testcase>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='{len(EXPECTED)}'>{found}</testsuite>")
