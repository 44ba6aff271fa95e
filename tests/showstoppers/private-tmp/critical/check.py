"""The price list says a price, as soon as the worker has made one."""

import os
import time
import urllib.request
from xml.sax.saxutils import quoteattr

end, text = time.monotonic() + 10, ""
while "40 EUR" not in text and time.monotonic() < end:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        text = answer.read().decode()
failure = "" if "40 EUR" in text else f"<failure message={quoteattr('the list says: ' + text)}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='price'>{failure}</testcase></testsuite>")
