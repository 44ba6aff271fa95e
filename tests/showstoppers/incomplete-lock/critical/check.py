"""The shop is well."""

import os
import urllib.request

with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "healthz", timeout=10) as answer:
    failure = "" if answer.status == 200 else "<failure message='it is not well'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='well'>{failure}</testcase></testsuite>")
