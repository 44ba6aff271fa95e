import json
import socket
import time

import redis


def took(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def client(name):
    return redis.Redis(name, socket_connect_timeout=3, socket_timeout=20)


def pings(name, count):
    with client(name) as store:
        first = took(store.ping)
        return {"first": first, "others": [took(store.ping) for _ in range(count)]}


def narrow():
    with client("narrow") as store:
        return {"there": took(lambda: store.set("a", b"x" * (512 << 10))), "back": took(lambda: store.get("a"))}


def short():
    with client("short") as store:
        store.set("a", b"x" * (40 << 10))
    asked, came = b"GET a\r\n", 0
    with socket.create_connection(("short", 6379), 20) as connection:
        try:
            while True:
                connection.sendall(asked)
                left = (40 << 10) + len(b"$40960\r\n\r\n")
                while left:
                    piece = connection.recv(left)
                    if not piece:
                        return {"bytes": came, "end": "closed"}
                    came, left = came + len(piece), left - len(piece)
                came += len(asked)
        except ConnectionResetError:
            return {"bytes": came + len(asked), "end": "reset"}


def hole():
    begun = time.monotonic()
    try:
        client("hole").ping()
    except redis.exceptions.TimeoutError:
        return {"end": "time-out", "took": time.monotonic() - begun}
    return {"end": "an answer"}


PAGES = {
    "/near": lambda: pings("near", 10), "/slow": lambda: pings("slow", 10), "/lossy": lambda: pings("lossy", 40),
    "/narrow": narrow, "/short": short, "/hole": hole,
}


def app(environ, start_response):
    page = PAGES.get(environ["PATH_INFO"], dict)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(page()).encode()]
