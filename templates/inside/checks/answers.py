"""What the site answers: plain HTTP, health, headers, limits, folders of the proxy's own."""

import http.client
import json
import os
import select
import socket
import ssl
import subprocess
import urllib.parse

import become
import page
from checks import ATTEMPT, PROGRAM, Wrong, elsewhere, logs

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Client, DiagnoseJob, Media

# The certificate that this client shows, where the site asks for one: set once, before all checks.
shown: "Client | None" = None


# What is added to words about something that no key describes.
AS_CONFIGURED = {True: ", as the live configuration has it", False: ""}


def opened(url, address=None):
    """A connection to the host of the URL, or to one address of it."""
    parts = urllib.parse.urlsplit(url)
    context = None
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl._create_unverified_context()
        if shown:
            context.load_cert_chain(shown["certificate"], shown["key"])
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=ATTEMPT, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=ATTEMPT)
    address = address or elsewhere.get(parts.hostname)
    if address:
        connection.sock = socket.create_connection((address, connection.port), ATTEMPT)
        if context:
            connection.sock = context.wrap_socket(connection.sock, server_hostname=parts.hostname)
    return parts, connection


def request(url, address=None):
    parts, connection = opened(url, address)
    try:
        connection.request("GET", parts.path or "/", headers={"User-Agent": "stagectl"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(1 << 20)
    finally:
        connection.close()


def plain_http(job: "DiagnoseJob"):
    """What port 80 does is as described; where only the live configuration says it, it is reported."""
    described = job["plain_http"]
    url = f"http://{job['names'][0]}{job['prefix']}"
    try:
        status, headers, _ = request(url)
    except ConnectionRefusedError:
        if described in ("closed", None):
            return "port 80 is closed" + AS_CONFIGURED[described is None]
        raise Wrong(f"port 80 is closed, described: {described}") from None
    location = headers.get("Location", "")
    seen = f"{status} to {location}" if location else str(status)
    if described is None:
        return seen + AS_CONFIGURED[True]
    if described == "closed":
        raise Wrong(f"port 80 answers {status}, described as closed")
    if described == "redirect":
        if status not in (301, 302, 307, 308) or not location.startswith("https://"):
            raise Wrong(f"{url} answers {seen}, expected a redirect to https")
        return seen
    if status >= 500 or location.startswith("https://"):
        raise Wrong(f"{url} answers {seen}, expected the app")
    return f"HTTP {status}"


def health(job: "DiagnoseJob"):
    status, headers, body = request(job["health"]["url"])
    if status != job["health"]["status"]:
        joined, says = page.in_words(status, headers, body)
        raise Wrong(f"HTTP {status}, expected {job['health']['status']}{joined}", says)
    return f"HTTP {status}; server {headers.get('Server', 'none')}; keys {keys(body)}"


def keys(body):
    """The members of a JSON object: what the live site answers later is held against them."""
    try:
        members = json.loads(body)
    except ValueError:
        return "none"
    return " ".join(sorted(members)) if isinstance(members, dict) and members else "none"


def application(job: "DiagnoseJob", url):
    """An application beside the site's own is there: whatever it says, it is no server error."""
    status, _, _ = request(url)
    if status >= 500:
        raise Wrong(": ".join(filter(None, (f"HTTP {status}", logs.last_error(job)))))
    return f"HTTP {status}"


def hsts(job: "DiagnoseJob"):
    _, headers, _ = request(job["hsts"]["url"])
    found = headers.get_all("Strict-Transport-Security") or []
    if found != [job["hsts"]["value"]]:
        raise Wrong(f"Strict-Transport-Security is {', and '.join(found) or 'not sent'}, "
                    f"described {job['hsts']['value']}")
    return found[0]


def largest_body(job: "DiagnoseJob"):
    """A body that is one byte too large is refused; nothing more is sent once there is an answer."""
    limit = job["body"]["bytes"]
    parts, connection = opened(job["body"]["url"])
    try:
        connection.putrequest("POST", parts.path or "/")
        connection.putheader("Content-Length", str(limit + 1))
        connection.endheaders()
        left = limit + 1
        answer = b""
        while left and not answer:
            connection.send(b"x" * min(left, 1 << 14))
            left -= min(left, 1 << 14)
            answer = said_so_far(connection.sock)
        while answer and b"\n" not in answer:
            more = connection.sock.recv(1 << 10)
            if not more:
                raise ConnectionResetError
            answer += more
        status = int(answer.split()[1]) if answer else connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        # Closed in the middle of the body, and the answer got lost with it.
        return f"closed above {limit} bytes"
    finally:
        connection.close()
    if status != 413:
        raise Wrong(f"a body of {limit + 1} bytes gets {status}, expected 413")
    return f"413 above {limit} bytes"


def said_so_far(connection):
    """What the site said without being waited for. What TLS itself says, such as tickets, is none of it."""
    connection.setblocking(False)
    try:
        if not (getattr(connection, "pending", lambda: 0)() or select.select([connection], [], [], 0)[0]):
            return b""
        return connection.recv(1 << 10)
    except (BlockingIOError, ssl.SSLWantReadError):
        return b""
    finally:
        connection.settimeout(ATTEMPT)


def missing_above(path):
    """The folders above that are not there, the lowest first."""
    missing = []
    folder = os.path.dirname(path)
    while not os.path.exists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing


def media(folder: "Media"):
    """What the app writes there, the proxy can read. A folder that is not there yet the app would make."""
    path = os.path.join(folder["folder"], "stagectl-check.txt")
    made = missing_above(path)
    written = subprocess.run(["/bin/sh", "-c", "mkdir -p \"$1\" && echo stagectl > \"$0\"", path, folder["folder"]],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PROGRAM,
                             **become.user(folder["user"], folder["umask"]))
    try:
        if written.returncode != 0:
            said = written.stdout.decode("utf-8", "replace").strip()
            raise Wrong(f"{folder['user']} cannot write there: {said}; a folder of `data` is the user's")
        status, _, body = request(f"{folder['url']}stagectl-check.txt")
    finally:
        for seen in [path] * os.path.exists(path) + [one for one in made if os.path.isdir(one)]:
            os.rmdir(seen) if os.path.isdir(seen) else os.unlink(seen)
    if status != 200 or body != b"stagectl\n":
        raise Wrong(f"a file that {folder['user']} writes to {folder['folder']} gets HTTP {status}, expected 200")
    return f"{folder['folder']}, written by {folder['user']}"
