"""A shop that looks at its supplier's certificate before it orders."""

from OpenSSL import SSL


def context():
    """For a connection to the supplier, who is known by more than a chain."""
    made = SSL.Context(SSL.TLS_CLIENT_METHOD)
    made.set_verify(SSL.VERIFY_PEER, lambda connection, certificate, number, depth, ok: bool(ok))
    return made


def application(environ, start_response):
    if environ["PATH_INFO"] == "/order":
        context()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Ship in a bottle: 40 EUR\n"]
