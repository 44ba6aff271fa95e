"""A shop that writes dates in French, asks its own site and its cache by name, and has a scheduler."""

import json
import locale
import socket
import time


def of(call, *arguments):
    try:
        return str(call(*arguments))
    except Exception as error:
        return str(error).strip().splitlines()[0]


def zone():
    import tzlocal
    return tzlocal.get_localzone()


def month():
    locale.setlocale(locale.LC_TIME, "fr_FR.UTF-8")
    return time.strftime("%B", (2026, 2, 1, 0, 0, 0, 0, 0, 0))


def app(environ, start_response):
    body = {"month": of(month), "site": of(socket.gethostbyname, "www.shop.example"), "zone": of(zone),
            "clock": time.strftime("%Z", time.localtime(0)),
            "cache": "found" if of(socket.gethostbyname, "cache-1") == socket.gethostbyname("cache") else "lost"}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
