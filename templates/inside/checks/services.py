"""What the site leans on."""

import socket

from checks import ATTEMPT, Wrong


def answers(job, service):
    greetings = {
        "postgres": (b"\0\0\0\x08\x04\xd2\x16\x2f", (b"S", b"N")),
        "redis": (b"PING\r\n", (b"+PONG", b"-NOAUTH")),
        "memcached": (b"version\r\n", (b"VERSION",)),
    }
    hello, expected = greetings[service["kind"]]
    try:
        with socket.create_connection((service["host"], service["port"]), ATTEMPT) as connection:
            connection.sendall(hello)
            answer = connection.recv(64)
    except OSError as error:
        raise Wrong(f"{service['host']}:{service['port']}: {error}") from error
    if not answer.startswith(expected):
        raise Wrong(f"{service['host']}:{service['port']} answers {answer!r}")
    return f"{service['host']}:{service['port']}"
