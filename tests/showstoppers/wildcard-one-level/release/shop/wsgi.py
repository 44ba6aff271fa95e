"""A shop whose basket moves to a host of the customer's region."""

REGION = "eu"


def application(environ, start_response):
    front, _, domain = environ["HTTP_HOST"].partition(".")
    if environ["PATH_INFO"] == "/basket" and front == "www":
        target = f"https://basket.{REGION}.{domain}/basket"
        start_response("302 Found", [("Location", target)])
        return []
    text = "a basket" if environ["PATH_INFO"] == "/basket" else "a shop"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
