"""A shop that caches below its home and shows pictures that are for a group."""

import json
import os
import pathlib


def cached():
    folder = pathlib.Path("~/.cache/shop").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return "written"
    except OSError as error:
        return error.strerror


def pictures():
    try:
        return os.listdir("/srv/media")
    except OSError as error:
        return error.strerror


def app(environ, start_response):
    body = {"home": os.environ.get("HOME"), "shell": os.environ.get("SHELL", ""), "cache": cached()}
    if environ["PATH_INFO"] == "/pictures":
        body["pictures"] = pictures()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
