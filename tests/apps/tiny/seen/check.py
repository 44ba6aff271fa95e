"""Holds what the app sees against `EXPECTED`, a JSON object of paths and members; `null` is not there."""
import json
import os
import sys
import urllib.request
from xml.sax.saxutils import escape, quoteattr

URL = os.environ["STAGECTL_URL"]
wrong = []
for path, expected in json.loads(os.environ["EXPECTED"]).items():
    with urllib.request.urlopen(URL.rstrip("/") + path, timeout=5) as answer:
        found = json.load(answer)
    for key, value in expected.items():
        if found.get(key) != value:
            wrong.append(f"{path} {key} is {found.get(key)!r}, expected {value!r}")
    print(path, found)
text = "\n".join(wrong)
failure = f"<failure message={quoteattr(text)}>{escape(text)}</failure>" if wrong else ""
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuites><testsuite name="seen"><testcase classname="check" name="seen">{failure}'
               "</testcase></testsuite></testsuites>")
sys.exit(1 if wrong else 0)
