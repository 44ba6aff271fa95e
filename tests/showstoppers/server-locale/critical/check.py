"""A picture whose name has an umlaut is uploaded, as a browser does it."""
import os
import sys
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

BODY = """--edge\r
Content-Disposition: form-data; name="picture"; filename="Gr\u00fc\u00dfe.txt"\r
\r
hello\r
--edge--\r
""".encode()
request = urllib.request.Request(
    os.environ["STAGECTL_URL"] + "upload/", BODY, {"Content-Type": "multipart/form-data; boundary=edge"})
failure = ""
try:
    saved = urllib.request.urlopen(request, timeout=10).read().decode()
    assert saved == "Gr\u00fc\u00dfe.txt", saved
except (AssertionError, urllib.error.HTTPError) as error:
    failure = f"<failure message={quoteattr(f'the picture cannot be uploaded: {error}')}/>"
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase classname="check" name="a picture is uploaded">{failure}</testcase></testsuite>')
sys.exit(1 if failure else 0)
