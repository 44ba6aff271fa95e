"""Asks a WSGI server for a page at its own place, as the proxy that is not led there yet would."""

import http.client
import os
import socket
import struct

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Direct

ATTEMPT = 3.0  # seconds that an attempt waits for the next byte


def connected(direct: "Direct"):
    path = direct.get("path")
    if path:
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(ATTEMPT)
        opened.connect(os.fspath(path))
        return opened
    return socket.create_connection((direct["address"], direct["port"]), ATTEMPT)


def packet(variables):
    """A request as uWSGI's own protocol has it: <https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html>."""
    body = b""
    for name, value in variables.items():
        for text in (name.encode(), value.encode()):
            body += struct.pack("<H", len(text)) + text
    return struct.pack("<BHB", 0, len(body), 0) + body


def attempt(direct: "Direct"):
    """One request; the status, and what is wrong with it: any answer but an error of the server will do, as whoever
    asks there is not the world."""
    scheme = "https" if direct["secure"] else "http"
    connection = http.client.HTTPConnection(direct["host"], timeout=ATTEMPT)
    connection.sock = connected(direct)
    try:
        if direct["protocol"] == "uwsgi":
            connection.sock.sendall(packet({
                "REQUEST_METHOD": "GET", "REQUEST_URI": direct["page"], "PATH_INFO": direct["page"].partition("?")[0],
                "QUERY_STRING": direct["page"].partition("?")[2], "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": "",
                "HTTP_HOST": direct["host"], "SERVER_NAME": direct["host"], "SERVER_PORT": "443" if direct["secure"] else "80",
                "REMOTE_ADDR": "127.0.0.1", "REQUEST_SCHEME": scheme, **({"HTTPS": "on"} if direct["secure"] else {})}))
            answer = http.client.HTTPResponse(connection.sock, method="GET")
            answer.begin()
        else:
            connection.request("GET", direct["page"], headers={
                "User-Agent": "stagectl", "Accept": "*/*", "X-Forwarded-Proto": scheme})
            answer = connection.getresponse()
        answer.read(1 << 20)
    finally:
        connection.close()
    seen = f"HTTP {answer.status} {answer.reason} from the new server itself"
    return answer.status, seen if answer.status >= 500 else None
