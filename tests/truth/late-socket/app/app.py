"""Has much to do before it can serve, as apps do that read their prices first; with `preload_app`, before there is a socket."""
import hashlib
import time

BEGUN = time.monotonic()
while time.monotonic() - BEGUN < 6:
    hashlib.pbkdf2_hmac("sha256", b"prices", b"of today", 50_000)


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\n"]
