"""A shop that says what it hears of who asked, and how much it was sent."""

import json


def app(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = {
        "said": str(environ.get("HTTP_X_FORWARDED_PROTO")), "scheme": environ["wsgi.url_scheme"],
        "hops": str(len(environ.get("HTTP_X_FORWARDED_FOR", "").split(","))), "host": environ["HTTP_HOST"],
        "read": len(environ["wsgi.input"].read(length)),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
