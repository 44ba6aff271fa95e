"""A shop whose prices a worker makes."""

from shop.prices import region


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [(region.get("ship") or "no price yet").encode()]
