"""A customer who has put something into the basket before the upgrade, and wants to buy it after it."""

import os
import pathlib
import sys
import urllib.request

URL, NOTE = os.environ["STAGECTL_URL"], pathlib.Path(os.environ["STAGECTL_VISIT"], "cookie")

if "--check" in sys.argv:
    request = urllib.request.Request(URL, headers={"Cookie": NOTE.read_text()})
    with urllib.request.urlopen(request, timeout=10) as answer:
        things = answer.read().decode()
    if things != "Ship in a bottle":
        sys.exit(f"the basket of the customer who stayed has in it: {things}")
else:
    with urllib.request.urlopen(URL, b"thing=Ship+in+a+bottle", timeout=10) as answer:
        NOTE.write_text(answer.headers["Set-Cookie"].split(";")[0])
