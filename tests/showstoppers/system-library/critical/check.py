"""A picture is taken for a picture."""

import os
import urllib.error
import urllib.request

PICTURE = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;"
failure = ""
try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "pictures", PICTURE, timeout=10) as answer:
        kind = answer.read().decode()
    if kind != "image/gif":
        failure = f"the picture was taken for {kind}"
except urllib.error.HTTPError as error:
    failure = f"the upload was answered with {error}"
case = f"<failure message='{failure}'/>" if failure else ""
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='upload'>{case}</testcase></testsuite>")
