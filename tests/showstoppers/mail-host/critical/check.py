"""A new notice is taken, and its editor told."""

import json
import os
import urllib.request

print("writing a notice", flush=True)
urllib.request.urlopen(os.environ["STAGECTL_URL"], data="Sommerfest".encode()).close()
print("looking for the editor's mail", flush=True)
with urllib.request.urlopen(os.environ["STAGECTL_MAILS"] + "?to=editor@board.example&wait=5") as answer:
    subjects = [mail["subject"] for mail in json.load(answer)]
failure = "" if subjects == ["New: Sommerfest"] else "<failure message='the editor was not told'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='notice'>{failure}</testcase></testsuite>")
