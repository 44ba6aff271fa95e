"""The shop's processes were started as on the live host."""

import json
import os
import time
import urllib.request
from xml.sax.saxutils import quoteattr

EXPECTED = {
    "env": {"SHOP_NAME": "Ship & Co# harbour", "SHOP_PATHS": "/srv/a:/srv/b", "SHOP_NOTE": "a # b"},
    "group": "www-data",
    "homes": "Permission denied",
    "of the worker": False,
    "starts of the worker": "xxx",
    "nightly": "done",
    "multiprocess": False,
}
end, said = time.monotonic() + 10, {}
while said.get("starts of the worker") != "xxx" and time.monotonic() < end:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        said = json.load(answer)
found = ""
for name, expected in EXPECTED.items():
    text = "" if said[name] == expected else f"{said[name]!r}, expected {expected!r}"
    failure = f"<failure message={quoteattr(text)}/>" if text else ""
    found += f"<testcase name={quoteattr(name)}>{failure}</testcase>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='{len(EXPECTED)}'>{found}</testsuite>")
