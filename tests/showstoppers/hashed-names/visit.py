"""A customer who has opened the page before the upgrade, and whose browser asks for its style after it."""

import os
import pathlib
import re
import sys
import urllib.error
import urllib.request

URL, NOTE = os.environ["STAGECTL_URL"].rstrip("/"), pathlib.Path(os.environ["STAGECTL_VISIT"], "style")

if "--check" in sys.argv:
    path = NOTE.read_text()
    try:
        urllib.request.urlopen(URL + path, timeout=10).close()
    except urllib.error.HTTPError as error:
        sys.exit(f"the open page asks for {path}, and gets {error}")
else:
    with urllib.request.urlopen(URL, timeout=10) as answer:
        page = answer.read().decode()
    NOTE.write_text(re.search("href='([^']+)'", page).group(1))
