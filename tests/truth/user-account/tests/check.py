"""The shop has the home of the live host, and shows its pictures."""

import json
import os
import urllib.request
from xml.sax.saxutils import quoteattr

EXPECTED = {
    "home": os.environ["HOME_OF_THE_SHOP"], "shell": os.environ["SHELL_OF_THE_SHOP"],
    "cache": os.environ["CACHE"], "pictures": [],
}
try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "pictures", timeout=10) as answer:
        said = json.load(answer)
except OSError as error:
    said = {"error": str(error)}
text = "" if said == EXPECTED else f"{said}, expected {EXPECTED}"
failure = f"<failure message={quoteattr(text)}/>" if text else ""
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='account'>{failure}</testcase></testsuite>")
