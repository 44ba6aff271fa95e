"""A shop that asks a bank by TLS, the news over plain HTTP, and somebody whom it should not."""

import json
import urllib.request


def asked(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)


def app(environ, start_response):
    body = {}
    if environ["PATH_INFO"] == "/shop":
        body = {"bank": asked("https://api.pay.example/v1/charges"), "news": asked("http://news.example/today"),
                "other": asked("https://www.debian.org/")}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
