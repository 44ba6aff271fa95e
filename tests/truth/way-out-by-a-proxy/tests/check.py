"""The shop reaches whom it may by the company's proxy, and nobody else."""

import json
import os
import urllib.request
from xml.sax.saxutils import quoteattr

with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "shop", timeout=30) as answer:
    said = json.load(answer)
tests = {"bank": said["bank"] == "paid", "news": said["news"] == "sunny", "other": "rror" in said["other"]}
found = ""
for name, is_well in tests.items():
    failure = "" if is_well else f"<failure message={quoteattr(said[name])}/>"
    found += f"<testcase name={quoteattr(name)}>{failure}</testcase>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='3'>{found}</testsuite>")
