"""A shop with a cache."""

import redis


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"redis-py {redis.__version__}\n".encode()]
