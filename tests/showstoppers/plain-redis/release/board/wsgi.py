"""A board that keeps its greeting in Redis."""

import os

import redis


def greeting():
    store = redis.Redis.from_url(os.environ["CACHE_URL"])
    store.set("greeting", "Sommerfest")
    return store.get("greeting").decode()


def application(environ, start_response):
    status, text = "200 OK", "Notices"
    if environ["PATH_INFO"] == "/greeting":
        try:
            text = greeting()
        except redis.RedisError as error:
            status, text = "500 Internal Server Error", str(error)
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]
