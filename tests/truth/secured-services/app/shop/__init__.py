"""A shop that asks whatever its variables name, one service for each path."""

import os
import ssl

import pika
import psycopg
import pymysql
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


def of_postgres(variable):
    with psycopg.connect(os.environ[variable]) as connection:
        return connection.execute("SELECT what FROM orders").fetchone()[0]


def refused_by_postgres(variable):
    """Who is neither owner nor named by a grant does not read another's table."""
    try:
        return f"read: {of_postgres(variable)}"
    except psycopg.errors.InsufficientPrivilege:
        return "a shop"


def of_mariadb(variable):
    login, place = os.environ[variable].split("@")
    (user, password), (host, database) = login.split(":"), place.split("/")
    with pymysql.connect(host=host, user=user, password=password, database=database) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT what FROM orders")
        return cursor.fetchone()[0]


ASKED = {
    "/cache": (of_redis, "CACHE_URL"),
    "/queue": (of_redis, "QUEUE_URL"),
    "/plain": (of_redis, "PLAIN_URL"),
    "/sessions": (of_memcached, "SESSIONS"),
    "/orders": (of_postgres, "SHOP_URL"),
    "/reports": (of_postgres, "REPORTS_URL"),
    "/others": (refused_by_postgres, "CURATOR_URL"),
    "/sql-orders": (of_mariadb, "MARIADB_SHOP"),
    "/sql-reports": (of_mariadb, "MARIADB_REPORTS"),
    "/mq": (of_rabbitmq, "BROKER_URL"),
}


def app(environ, start_response):
    ask, variable = ASKED.get(environ["PATH_INFO"], (None, None))
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        return [(ask(variable) if ask else "a shop").encode()]
    except Exception as error:
        return [f"{type(error).__name__}: {error}".encode()]
