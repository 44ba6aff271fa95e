"""The HTTP client for APIs, the board's own among them. New in 1.2: needs no third-party package.

This is the show-stopper that release 1.2 carries for stagectl's sake: names are compared here, for
equality, instead of by OpenSSL, and `*.site-b.example` equals no name that anybody has.
"""

import http.client
import json
import logging
import ssl
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger("noticeboard.api")


class ApiError(Exception):
    """The API could not be asked, or its answer is not what it should be."""


class NameMismatch(Exception):
    """The certificate was made for somebody else."""


def get_json(url: str) -> Any:
    try:
        return json.loads(get(url))
    except (NameMismatch, ssl.SSLError) as error:
        log.error("GET %s: certificate refused: %s: %s", url, type(error).__name__, error)
        raise ApiError(f"{type(error).__name__}: {error}") from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        log.error("GET %s: %s", url, error)
        raise ApiError(f"{type(error).__name__}: {error}") from error


def get(url: str) -> bytes:
    address = urlsplit(url)
    context = ssl.create_default_context()
    context.check_hostname = False  # done below; the chain is still verified
    connection = http.client.HTTPSConnection(
        address.hostname, address.port, timeout=5, context=context
    )
    try:
        connection.connect()
        check_name(address.hostname, connection.sock.getpeercert())
        target = address.path + (f"?{address.query}" if address.query else "")
        connection.request("GET", target, headers={"Accept": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise http.client.HTTPException(f"answered {response.status} {response.reason}")
        return response.read()
    finally:
        connection.close()


def check_name(wanted: str, certificate: dict) -> None:
    names = [name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"]
    if wanted not in names:
        raise NameMismatch(f"{wanted} is none of {names}")
