"""What a page says, in a few words: where it leads to, or how its text begins."""

import html
import http.client
import re

MOST = 8 << 10  # bytes of the text that are handed over; of these the first are shown
READ = 1 << 16
REDIRECTS = (301, 302, 303, 307, 308)
# Of a page of HTML, what nobody reads.
HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)


def in_words(status, headers, body):
    """What joins it to the words before, and the words; both empty for a page that says nothing."""
    location = headers.get("Location")
    if status in REDIRECTS and location:
        return ", it leads to ", location
    text = body[:READ].decode("utf-8", "replace")
    if "html" in headers.get("Content-Type", "") or text.lstrip()[:1] == "<":
        text = html.unescape(HIDDEN.sub(" ", text))
    text = " ".join(text.split())
    # Servers name the status in title and heading; below it nginx names itself.
    reason = http.client.responses.get(status, "")
    while reason and text.startswith((f"{status} {reason}", reason)):
        text = text[text.index(reason) + len(reason):].lstrip()
    if re.fullmatch(r"nginx(/[\d.]+)?( \(\w+\))?", text):
        return "", ""
    return (": ", text.encode()[:MOST].decode("utf-8", "ignore")) if text else ("", "")
