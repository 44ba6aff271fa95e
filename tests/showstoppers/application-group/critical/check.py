"""Both applications know the password."""
import os
import sys
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

cases = []
for path, expected in (("", "The shop, open"), ("api/", "The API, open")):
    failure = ""
    try:
        found = urllib.request.urlopen(os.environ["STAGECTL_URL"] + path, timeout=10).read().decode()
        assert found == expected, found
    except (AssertionError, urllib.error.HTTPError) as error:
        failure = f"<failure message={quoteattr(f'/{path}: {error}')}/>"
    cases.append(f'<testcase classname="check" name="/{path} answers">{failure}</testcase>')
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop">{"".join(cases)}</testsuite>')
sys.exit(1 if "failure" in "".join(cases) else 0)
