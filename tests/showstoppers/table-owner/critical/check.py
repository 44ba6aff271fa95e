"""The board shows its titles."""

import os
import urllib.request

with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    titles = answer.read().decode().splitlines()
failure = "" if titles == ["Sommerfest"] else "<failure message='the board is empty'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='titles'>{failure}</testcase></testsuite>")
