import atexit

atexit.register(print, "tiny: goodbye", flush=True)


def application(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
