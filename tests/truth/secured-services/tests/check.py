import os
import urllib.request
from xml.sax.saxutils import quoteattr

found = []
for path in os.environ["PATHS"].split():
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + path, timeout=10) as answer:
        text = answer.read().decode()
    failure = "" if text == "a shop" else f"<failure message={quoteattr(text)}/>"
    found.append(f"<testcase name='/{path}'>{failure}</testcase>")
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='{len(found)}'>{''.join(found)}</testsuite>")
