"""A shop whose board asks its own price list."""

import requests


def application(environ, start_response):
    status, text = "200 OK", "a shop"
    if environ["PATH_INFO"] == "/api/price":
        text = "40 EUR"
    elif environ["PATH_INFO"] == "/board":
        try:
            url = f"https://{environ['HTTP_HOST']}/api/price"
            text = "a board for " + requests.get(url, timeout=5).text
        except requests.RequestException as error:
            status, text = "502 Bad Gateway", str(error)
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
