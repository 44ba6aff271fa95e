"""The notices are shown."""

import os
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

failures = []
for _ in range(3):
    try:
        with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "notices") as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read().decode()
    if text != "Sommerfest":
        failures.append(f"<failure message={quoteattr(text)}/>")
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='notices'>{''.join(failures[:1])}</testcase></testsuite>")
