"""A customer logs in, as a browser does it: with the cookie, the form's token and the Origin."""
import http.cookiejar
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from xml.sax.saxutils import quoteattr

URL = os.environ["STAGECTL_URL"].rstrip("/")
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
failure = ""
try:
    form = browser.open(f"{URL}/login/", timeout=10).read().decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', form).group(1)
    fields = {"csrfmiddlewaretoken": token, "username": "anna", "password": os.environ["SHOP_PASSWORD"]}
    request = urllib.request.Request(
        f"{URL}/login/", urllib.parse.urlencode(fields).encode(),
        {"Origin": URL, "Referer": f"{URL}/login/"})
    page = browser.open(request, timeout=10).read().decode()
    assert page == "Welcome, anna", page[:200]
except (AssertionError, urllib.error.HTTPError) as error:
    failure = f"<failure message={quoteattr(f'anna cannot log in: {error}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase classname="check" name="a customer logs in">{failure}</testcase></testsuite>')
sys.exit(1 if failure else 0)
