"""The price list says a price."""

import os
import urllib.request

with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
    text = answer.read().decode()
failure = "" if "40 EUR" in text else "<failure message='the list says no price'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='price'>{failure}</testcase></testsuite>")
