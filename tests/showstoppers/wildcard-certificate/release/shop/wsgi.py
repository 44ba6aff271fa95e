"""A shop whose front page asks its own price list."""

from shop.client import NameMismatch, get


def application(environ, start_response):
    status, text = "200 OK", "a shop"
    if environ["PATH_INFO"] == "/api/price":
        text = "40 EUR"
    elif environ["PATH_INFO"] == "/board":
        try:
            text = "a board for " + get(environ["HTTP_HOST"], "/api/price")
        except NameMismatch as error:
            status, text = "502 Bad Gateway", f"{type(error).__name__}: {error}"
    start_response(status, [("Content-Type", "text/plain")])
    return [text.encode()]
