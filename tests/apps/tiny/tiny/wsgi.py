import json
import os
import socket
import sys
import traceback


def say(*words):
    print("tiny:", *words, file=sys.stderr, flush=True)


def ask(name):
    try:
        socket.getaddrinfo(name, 443)
        return "found"
    except OSError as error:
        return str(error)


def health(environ):
    if "TINY_TRACEBACK" in os.environ:
        try:
            {}["theme"]
        except KeyError:
            traceback.print_exc()
    if "TINY_ASKS" in os.environ:
        say("asked for", os.environ["TINY_ASKS"] + ":", ask(os.environ["TINY_ASKS"]))
    return {"database": os.environ.get("TINY_DATABASE") != "down"}


def echo(environ):
    keys = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "SERVER_SOFTWARE")
    return {key: environ.get(key, "").encode("latin-1").decode("utf-8") for key in keys}


def application(environ, start_response):
    status, answer = "200 OK", echo(environ)
    if environ["PATH_INFO"].endswith("/healthz"):
        status, answer = os.environ.get("TINY_HEALTH", status), health(environ)
        if not status.startswith("200"):
            say("health says", status)
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


say("starting")
