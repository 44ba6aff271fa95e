"""A shop's price list."""

from shop.prices import PRICES


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [PRICES.read_bytes()]
