"""A board that counts its readers, if it can."""

import redis

READERS = redis.Redis("cache")


def readers():
    try:
        return READERS.incr("readers")
    except redis.RedisError:
        return "some"


def application(environ, start_response):
    text = f"read by {readers()}" if environ["PATH_INFO"] == "/notice" else "Notices"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]
