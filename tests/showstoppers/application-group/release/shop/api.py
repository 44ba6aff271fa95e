from shop.passwords import is_right


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"The API, " + (b"open" if is_right("secret") else b"closed")]
