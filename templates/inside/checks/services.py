"""What the site leans on, asked over the network in its own protocol, as far as the first answer."""

import socket
import ssl

from checks import ATTEMPT, Wrong

# What is said first, and what a service of the kind answers; None says nothing first.
GREETINGS = {
    "postgres": (b"\0\0\0\x08\x04\xd2\x16\x2f", lambda answer: answer in (b"S", b"N")),
    # A packet's header, then the protocol's version.
    "mariadb": (None, lambda answer: answer[4:5] == b"\x0a"),
    "redis": (b"PING\r\n", lambda answer: answer.startswith((b"+PONG", b"-NOAUTH"))),
    "memcached": (b"version\r\n", lambda answer: answer.startswith(b"VERSION")),
    # The first frame is a method's, on channel 0.
    "rabbitmq": (b"AMQP\0\0\x09\x01", lambda answer: answer.startswith(b"\x01\0\0")),
    "smtp": (None, lambda answer: answer.startswith(b"220")),
}


def answers(job, service):
    """At every address that it has, where the network has more than one."""
    seen = [answers_at(service, address) for address in service.get("addresses", [service["host"]])]
    return seen[0]


def answers_at(service, address):
    place = f"{service['host']}:{service['port']}"
    if address != service["host"]:
        place += f" ({address})"
    behaviour = service.get("behaviour")
    try:
        with socket.create_connection((address, service["port"]), ATTEMPT) as connection:
            if behaviour == "closed":
                raise Wrong(f"{place} takes connections, described as closed")
            if behaviour == "silent":
                return f"{place} takes connections, and says nothing, as described"
            if service["kind"] not in GREETINGS:
                return f"{place} takes connections"
            hello, expected = GREETINGS[service["kind"]]
            if hello is not None:
                connection.sendall(hello)
            answer = connection.recv(256)
            speaks = tls_of(service, connection, answer)
    except ConnectionRefusedError as error:
        if behaviour == "closed":
            return f"{place} refuses connections, as described"
        raise Wrong(f"{place}: {error}") from error
    except OSError as error:
        raise Wrong(f"{place}: {error}") from error
    if not expected(answer):
        raise Wrong(f"{place} answers {answer!r}")
    return f"{place}{speaks}"


def asked(connection, command):
    """What a mail host says to a command: all lines, the last of which has no dash behind its code."""
    connection.sendall(command)
    said = b""
    while not said.endswith(b"\r\n") or said.splitlines()[-1][3:4] == b"-":
        piece = connection.recv(4096)
        if not piece:
            break
        said += piece
    return said


def tls_of(service, connection, answer):
    """What is known of its TLS; a service that speaks it although it should not is as wrong."""
    if service["kind"] == "postgres":
        offered = answer == b"S"
    elif service["kind"] == "mariadb" and b"\0" in answer[5:]:
        # Behind the version: the thread, half of the scramble, a filler, the capabilities.
        flags = answer.index(b"\0", 5) + 1 + 4 + 8 + 1
        offered = bool(int.from_bytes(answer[flags:flags + 2], "little") & 0x0800)
    elif service["kind"] == "smtp":
        offered = b"STARTTLS" in asked(connection, b"EHLO stagectl\r\n")
        if offered:
            asked(connection, b"STARTTLS\r\n")
    else:
        return ""
    described = service["tls"] != "none"
    # MariaDB has a certificate of its own since 11.4, which nobody described.
    if offered != described and not (offered and service["kind"] == "mariadb"):
        raise Wrong(f"{service['host']} {'offers' if offered else 'offers no'} TLS, described: {service['tls']}")
    if service["kind"] in ("postgres", "smtp") and offered:
        try:
            with ssl.create_default_context().wrap_socket(connection, server_hostname=service["host"]) as secure:
                return f", {secure.version()}, certificate verified"
        except OSError as error:
            raise Wrong(f"{service['host']}: {error}") from error
    return ", TLS" if offered else ""
