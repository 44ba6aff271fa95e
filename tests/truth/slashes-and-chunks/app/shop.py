"""A shop that says which address it was asked for, and how much of a body it could read of how much."""


def app(environ, start_response):
    length = environ.get("CONTENT_LENGTH") or "none"
    read = len(environ["wsgi.input"].read()) if environ["REQUEST_METHOD"] == "POST" else 0
    text = environ["PATH_INFO"] if not read else f"{read} of {length}"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
