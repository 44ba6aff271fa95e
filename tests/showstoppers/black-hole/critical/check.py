"""A notice is shown, whether its readers can be counted or not."""

import os
import urllib.request

print("reading a notice", flush=True)
with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "notice") as answer:
    text = answer.read().decode()
failure = "" if text.startswith("read by ") else "<failure message='no notice'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='board' tests='1'><testcase name='notice'>{failure}</testcase></testsuite>")
