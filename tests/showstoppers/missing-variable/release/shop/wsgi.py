"""A shop's price list."""

import os

CURRENCY = os.environ["SHOP_CURRENCY"]


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"Ship in a bottle: 40 {CURRENCY}\n".encode()]
