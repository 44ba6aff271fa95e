"""A page that is opened now has its style."""

import os
import re
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

URL, failure = os.environ["STAGECTL_URL"].rstrip("/"), ""
try:
    with urllib.request.urlopen(URL, timeout=10) as answer:
        path = re.search("href='([^']+)'", answer.read().decode()).group(1)
    urllib.request.urlopen(URL + path, timeout=10).close()
except urllib.error.HTTPError as error:
    failure = f"<failure message={quoteattr(f'{error.url} is answered with {error}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='style'>{failure}</testcase></testsuite>")
raise SystemExit(1 if failure else 0)
