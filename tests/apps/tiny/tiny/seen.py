"""What the app sees of its server and its proxy, as JSON."""
import json
import os
import socket
import sys


def umask():
    found = os.umask(0o077)
    os.umask(found)
    return f"{found:04o}"


def interpreter():
    try:
        from mod_wsgi import application_group
        return application_group
    except ImportError:
        return None


def caller(address):
    """Who asks, as far as the app can tell: somebody on its own host, or on that of the site's names."""
    if address.startswith("127."):
        return "loopback"
    return "proxy" if address == socket.gethostbyname(os.environ.get("TINY_NAME", "localhost")) else address


def seen(environ, name):
    answer = {key: value for key, value in environ.items() if key.startswith("HTTP_")}
    answer["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "")
    answer["scheme"] = environ["wsgi.url_scheme"]
    answer["from"] = caller(environ.get("REMOTE_ADDR", ""))
    answer.update(name=name, umask=umask(), folder=os.getcwd(), interpreter=interpreter())
    answer.update(LANG=os.environ.get("LANG"), encoding=sys.getfilesystemencoding())
    return answer


def answer(environ, start_response, name):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    environ["wsgi.input"].read(length)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen(environ, name)).encode()]


def application(environ, start_response):
    return answer(environ, start_response, "first")


def second(environ, start_response):
    return answer(environ, start_response, "second")
