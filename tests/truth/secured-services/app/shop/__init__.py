"""A shop that asks whatever its variables name, one service for each path."""

import os
import ssl

import pika
import redis
from pymemcache.client.base import Client


def of_redis(variable):
    store = redis.Redis.from_url(os.environ[variable])
    store.set("greeting", "a shop")
    return store.get("greeting").decode()


def of_memcached(variable):
    host, port = os.environ[variable].split(":")
    store = Client((host, int(port)), tls_context=ssl.create_default_context())
    store.set("greeting", "a shop")
    return store.get("greeting").decode()


def of_rabbitmq(variable):
    connection = pika.BlockingConnection(pika.URLParameters(os.environ[variable]))
    channel = connection.channel()
    channel.queue_declare("orders")
    channel.basic_publish("", "orders", b"a shop")
    return channel.basic_get("orders", auto_ack=True)[2].decode()


ASKED = {
    "/cache": (of_redis, "CACHE_URL"),
    "/queue": (of_redis, "QUEUE_URL"),
    "/plain": (of_redis, "PLAIN_URL"),
    "/sessions": (of_memcached, "SESSIONS"),
    "/mq": (of_rabbitmq, "BROKER_URL"),
}


def app(environ, start_response):
    ask, variable = ASKED.get(environ["PATH_INFO"], (None, None))
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        return [(ask(variable) if ask else "a shop").encode()]
    except Exception as error:
        return [f"{type(error).__name__}: {error}".encode()]
