"""A shop that says how its process was started."""

import grp
import json
import os

NAMES = ("SHOP_OLD", "SHOP_NAME", "SHOP_PATHS", "SHOP_NOTE", "SHOP_OFF")


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError as error:
        return error.strerror


def homes():
    try:
        return os.listdir("/home")
    except OSError as error:
        return error.strerror


def app(environ, start_response):
    said = {
        "env": {name: os.environ[name] for name in NAMES if name in os.environ},
        "group": grp.getgrgid(os.getegid()).gr_name,
        "homes": homes(),
        "of the worker": os.path.exists("/tmp/of-the-worker"),
        "starts of the worker": read("/srv/shop/data/starts"),
        "nightly": read("/srv/shop/data/nightly"),
        "multiprocess": environ["wsgi.multiprocess"],
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(said).encode()]
