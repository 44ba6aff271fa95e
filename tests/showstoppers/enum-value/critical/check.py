"""A notice that is posted stands on the board."""

import os
import urllib.error
import urllib.parse
import urllib.request

form = urllib.parse.urlencode({"title": "Sommerfest", "author": "Ada"}).encode()
failure = "<failure message='the notice is not on the board'/>"
try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], form, timeout=10) as answer:
        if answer.read().startswith(b"Sommerfest"):
            failure = ""
except urllib.error.HTTPError as error:
    failure = f"<failure message='the board answered {error.code}'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='a notice'>{failure}</testcase></testsuite>")
raise SystemExit(1 if failure else 0)
