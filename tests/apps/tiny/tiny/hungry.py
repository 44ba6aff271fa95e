"""Takes more memory for a page than it may have."""
from tiny import wsgi


def application(environ, start_response):
    if not environ["PATH_INFO"].endswith("/healthz"):
        environ["tiny.hungry"] = [bytearray(1 << 20) for _ in range(256)]
    return wsgi.application(environ, start_response)
