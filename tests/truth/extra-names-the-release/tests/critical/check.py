"""The site says hello."""

import os
import urllib.request

with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    failure = "" if answer.status == 200 else "<failure message='no hello'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='site' tests='1'><testcase name='hello'>{failure}</testcase></testsuite>")
