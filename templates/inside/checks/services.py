"""What the site leans on, asked over the network in its own protocol, as far as the first answer."""

import grp
import os
import pwd
import socket
import ssl
import stat
import struct
import time

from checks import ATTEMPT, Wrong

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob, Service, Weather

# A black hole is one if nothing was said for so long, in seconds; a refusal comes at once.
SILENCE = 1.0

# What is said first, and what a service of the kind answers; None says nothing first.
GREETINGS = {
    "postgres": (b"\0\0\0\x08\x04\xd2\x16\x2f", lambda answer: answer in (b"S", b"N")),
    # A packet's header, then the protocol's version.
    "mariadb": (None, lambda answer: answer[4:5] == b"\x0a"),
    "redis": (b"PING\r\n", lambda answer: answer.startswith((b"+PONG", b"-NOAUTH"))),
    "memcached": (b"version\r\n", lambda answer: answer.startswith(b"VERSION")),
    "pgbouncer": (b"\0\0\0\x08\x04\xd2\x16\x2f", lambda answer: answer in (b"S", b"N")),
    # The first frame is a method's, on channel 0.
    "rabbitmq": (b"AMQP\0\0\x09\x01", lambda answer: answer.startswith(b"\x01\0\0")),
    "smtp": (None, lambda answer: answer.startswith(b"220")),
}


def answers(job: "DiagnoseJob", service: "Service"):
    """At every address that it has, where the network has more than one, and by its unix socket."""
    seen = [answers_at(service, address) for address in service.get("addresses", [service["host"]])][:1]
    if service.get("socket"):
        seen.append(answers_by(service, service["socket"]))
    return ", ".join(filter(None, seen))


def answers_by(service: "Service", path):
    """By a unix socket: whose it is, and who may write to it, is for who looks for a refusal."""
    hello, expected = GREETINGS[service["kind"]]
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ATTEMPT)
            connection.connect(path)
            if hello is not None:
                connection.sendall(hello)
            answer = connection.recv(256)
        seen = os.stat(path)
    except OSError as error:
        raise Wrong(f"{path}: {error}") from error
    if not expected(answer):
        raise Wrong(f"{path} answers {answer!r}")
    owner, group = pwd.getpwuid(seen.st_uid).pw_name, grp.getgrgid(seen.st_gid).gr_name
    return f"{path} of {owner}:{group} ({stat.S_IMODE(seen.st_mode):04o})"


def answers_at(service: "Service", address):
    """On its plain port, and on the one where TLS begins at once."""
    seen = [answers_on(service, address, port, begin)
            for port, begin in ((service["port"], plainly), (service["tls_port"], in_tls)) if port]
    if service["closed"]:
        seen.append(takes_nobody(service["host"], (address, service["closed"])))
    return ", ".join(seen)


def plainly(connection, host):
    return connection, ""


def in_tls(connection, host):
    """The connection within TLS, which a client that knows the system's authorities believes."""
    secure = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    return secure, f", {secure.version()}, certificate verified"


def takes_nobody(host, address):
    """That the usual port is closed, where nobody is taken without TLS."""
    try:
        socket.create_connection(address, ATTEMPT).close()
    except ConnectionRefusedError:
        return f"port {address[1]} is closed"
    except OSError as error:
        raise Wrong(f"{host}:{address[1]}: {error}, described as closed") from error
    raise Wrong(f"{host}:{address[1]} takes connections, described: TLS required")


def answers_on(service: "Service", address, port, begin):
    place = f"{service['host']}:{port}"
    if address != service["host"]:
        place += f" ({address})"
    behaviour = service.get("behaviour")
    weather: Weather | dict = service.get("weather") or {}
    if weather.get("black_hole"):
        return swallows(place, (address, port))
    slow = weather.get("latency", 0.0) + weather.get("jitter", 0.0)
    begun = time.monotonic()
    try:
        with socket.create_connection((address, port), ATTEMPT + 4 * slow) as connection:
            if behaviour == "closed":
                raise Wrong(f"{place} takes connections, described as closed")
            if behaviour == "silent":
                return f"{place} takes connections, and says nothing, as described"
            if service["kind"] not in GREETINGS:
                return f"{place} takes connections"
            hello, expected = GREETINGS[service["kind"]]
            spoken, secured = begin(connection, service["host"])
            with spoken:
                if hello is not None:
                    spoken.sendall(hello)
                answer = spoken.recv(256)
                late = as_late_as_described(place, weather, time.monotonic() - begun)
                speaks = tls_of(service, spoken, answer)
    except ConnectionRefusedError as error:
        if behaviour == "closed":
            return f"{place} refuses connections, as described"
        raise Wrong(f"{place}: {error}") from error
    except OSError as error:
        raise Wrong(f"{place}: {error}") from error
    if not expected(answer):
        raise Wrong(f"{place} answers {answer!r}")
    return f"{place}{secured}{speaks}{late}"


def as_late_as_described(place, weather, took):
    """To connect takes the latency, and a first question takes it again; the machine may have been busy."""
    least = 2 * weather.get("latency", 0.0)
    if took < least:
        raise Wrong(f"{place} answers after {took * 1000:.0f} ms; with its latency it would be {least * 1000:.0f} ms at least")
    return f", first answer after {took * 1000:.0f} ms" if least else ""


def swallows(place, address):
    """Whether it neither takes nor refuses a connection."""
    try:
        socket.create_connection(address, SILENCE).close()
    except socket.timeout:
        return f"{place} neither takes nor refuses connections, as described"
    except OSError as error:
        raise Wrong(f"{place}: {error}; described as a black hole") from error
    raise Wrong(f"{place} takes connections, described as a black hole")


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


def tls_of(service: "Service", connection, answer):
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
                wanted = asks_for(service, secure) if service["kind"] == "postgres" else ""
                return f", {secure.version()}, certificate verified{wanted}"
        except OSError as error:
            raise Wrong(f"{service['host']}: {error}") from error
    if service["kind"] == "postgres":
        return asks_for(service, connection)
    return ", TLS" if offered else ""


# What PostgreSQL's answer to a log-in asks for.
METHODS = {0: "trust", 3: "password", 5: "md5", 10: "scram-sha-256"}


def asks_for(service: "Service", connection):
    """How the app's user shall say who it is, against the described lines of `pg_hba.conf`."""
    login = service.get("login")
    if not login:
        return ""
    words = ("user", login["user"], "database", login["database"], "")
    parameters = b"".join(word.encode() + b"\0" for word in words)
    connection.sendall(struct.pack("!II", len(parameters) + 8, 3 << 16) + parameters)
    answer = connection.recv(1024)
    who = f"{service['host']} asks {login['user']}"
    if answer[:1] == b"E":
        said = [field[1:].decode(errors="replace") for field in answer[5:].split(b"\0") if field[:1] == b"M"]
        raise Wrong(f"{who} for nothing, described: {login['method']}; it says: {'; '.join(said)}")
    code = int.from_bytes(answer[5:9], "big") if answer[:1] == b"R" else -1
    seen = METHODS.get(code, f"what is number {code} of the protocol")
    # To a password that is kept as SCRAM's, `md5` asks for that.
    right = {"md5": ("md5", "scram-sha-256"), "trust": ("trust",), "password": ("password",),
             "scram-sha-256": ("scram-sha-256",)}
    if seen not in right.get(login["method"], (seen,)):
        raise Wrong(f"{who} for {seen}, described: {login['method']}")
    return f", asks {login['user']} for {seen}"
