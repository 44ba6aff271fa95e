"""A shop whose orders are for those who log in with HTTP Basic."""


def app(environ, start_response):
    if environ["PATH_INFO"] == "/orders" and not environ.get("HTTP_AUTHORIZATION", "").startswith("Basic "):
        start_response("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="shop"'), ("Content-Type", "text/plain")])
        return [b"who are you?"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"a shop"]
