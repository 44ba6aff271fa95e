"""A shop that moves to its short address."""


def application(environ, start_response):
    front, _, domain = environ["HTTP_HOST"].partition(".")
    if environ["PATH_INFO"] == "/basket" and front == "www":
        start_response("302 Found", [("Location", f"https://{domain}/basket")])
        return []
    text = "a basket" if environ["PATH_INFO"] == "/basket" else "a shop"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
