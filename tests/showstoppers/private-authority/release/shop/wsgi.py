"""A shop whose board asks its own price list."""

import urllib.error
import urllib.request


def application(environ, start_response):
    status, text = "200 OK", "a shop"
    if environ["PATH_INFO"] == "/api/price":
        text = "40 EUR"
    elif environ["PATH_INFO"] == "/board":
        try:
            url = f"https://{environ['HTTP_HOST']}/api/price"
            with urllib.request.urlopen(url, timeout=5) as answer:
                text = "a board for " + answer.read().decode()
        except urllib.error.URLError as error:
            status, text = "502 Bad Gateway", str(error)
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
