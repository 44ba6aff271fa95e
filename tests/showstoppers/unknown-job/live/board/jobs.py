"""What the worker does."""

import os

import redis
from rq import Queue

store = redis.Redis.from_url(os.environ["CACHE_URL"])
queue = Queue(connection=store)


def post(title):
    store.rpush("titles", title)
