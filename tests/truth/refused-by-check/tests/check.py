"""The live process has what the description says, and what systemd gives otherwise."""

import json
import os
import urllib.request
from xml.sax.saxutils import quoteattr

USUAL = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/srv/shop", "SCRIPT_NAME": ""}
EXPECTED = {
    "path": {"PATH": "/srv/shop/venv/bin"},
    "home": {"HOME": "/root"},
    "script-name": {"SCRIPT_NAME": "/board"},
}

expected = {**USUAL, **EXPECTED.get(os.environ["STAGECTL_SITE"], {})}
with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    seen = json.load(answer)
failure = "" if seen == expected else f"<failure message={quoteattr(f'the process has {seen}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='process'>{failure}</testcase></testsuite>")
