"""What comes to the shop of an encoded slash and of a request in chunks."""

import http.client
import os
import ssl
import urllib.parse
from xml.sax.saxutils import quoteattr

HOST = urllib.parse.urlsplit(os.environ["STAGECTL_URL"]).hostname


def asked(*arguments, **options):
    connection = http.client.HTTPSConnection(HOST, timeout=10, context=ssl.create_default_context())
    connection.request(*arguments, **options)
    answer = connection.getresponse()
    text = answer.read().decode()
    return text if answer.status == 200 else str(answer.status)


found = ""
for name, said in (
        ("SLASH", asked("GET", "/a%2Fb")),
        ("CHUNKS", asked("POST", "/upload", body=iter([b"three", b"four"]), encode_chunked=True))):
    text = "" if said == os.environ[name] else f"{said!r}, expected {os.environ[name]!r}"
    failure = f"<failure message={quoteattr(text)}/>" if text else ""
    found += f"<testcase name={quoteattr(name)}>{failure}</testcase>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='2'>{found}</testsuite>")
