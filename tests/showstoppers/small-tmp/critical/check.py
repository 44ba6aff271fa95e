"""A picture of six megabytes arrives as it was sent."""

import hashlib
import os
import urllib.request

picture = os.urandom(6 << 20)
form = (b"--edge\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"ship.png\"\r\n"
        b"Content-Type: image/png\r\n\r\n" + picture + b"\r\n--edge--\r\n")
url = os.environ["STAGECTL_URL"] + "pictures"
headers = {"Content-Type": "multipart/form-data; boundary=edge"}
failure = ""
try:
    with urllib.request.urlopen(urllib.request.Request(url, form, headers), timeout=20) as answer:
        if answer.read().decode() != hashlib.sha256(picture).hexdigest():
            failure = "<failure message='the picture is another one'/>"
except OSError:  # an answer of 500 or a connection that ends amid the upload: which of the two is a race
    failure = "<failure message='the upload failed: the app ended it'/>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='picture'>{failure}</testcase></testsuite>")
