import os
import socket
import ssl
import urllib.parse
import urllib.request

import pytest

SITE, ALLOWED = os.environ["STAGECTL_URL"], os.environ["ALLOWED"]
HOST = urllib.parse.urlsplit(ALLOWED).hostname


def reach(url):
    with urllib.request.urlopen(f"{SITE}reach?{url}", timeout=30) as answer:
        return answer.read().decode()


def test_the_real_host_is_reached():
    for _ in range(2):
        status, _, text = reach(ALLOWED).partition(" ")
        assert status == "200" and "Codename: bookworm" in text, (status, text)


def test_what_the_real_host_does_not_have_is_its_own_answer():
    assert reach(ALLOWED + "-of-nobody") == "404"


def test_tls_ends_at_the_real_host():
    # The app verifies name and chain, with the roots that this machine has and the replica has not.
    status, _, text = reach(os.environ["SECURE"]).partition(" ")
    assert status == "200" and "gunicorn" in text, (status, text)


def test_every_other_name_is_refused():
    assert reach("http://mirror.example/debian/") == "gaierror"


def test_the_way_to_the_allowed_host_leads_nowhere_else():
    request = urllib.request.Request(ALLOWED, headers={"Host": "mirror.example"})
    try:
        urllib.request.urlopen(request, timeout=10)
    except OSError as error:
        assert "without response" in str(error), error
    else:
        raise AssertionError("plain HTTP to another name was passed on")
    with socket.create_connection((HOST, 443), timeout=10) as connection:
        try:
            ssl.create_default_context().wrap_socket(connection, server_hostname="mirror.example")
        except OSError as error:
            assert not isinstance(error, ssl.SSLCertVerificationError), error
            assert not isinstance(error, TimeoutError), error
        else:
            raise AssertionError("TLS to another name was passed on")


@pytest.mark.parametrize("asked", [
    "CONNECT mirror.example:443 HTTP/1.1\r\nHost: mirror.example:443",
    "CONNECT mirror.example:443 HTTP/1.1\r\nHost: " + HOST,
    "GET http://mirror.example/ HTTP/1.1\r\nHost: " + HOST,
    "GET @mirror.example/ HTTP/1.1\r\nHost: " + HOST,
    "GET .mirror.example/ HTTP/1.1\r\nHost: " + HOST,
    "GET / HTTP/1.1\r\nHost: mirror.example\r\nHost: " + HOST,
    "GET / HTTP/1.1\r\nHost: " + HOST + "@mirror.example",
    "GET / HTTP/1.0",
])
def test_no_trick_leads_elsewhere(asked):
    with socket.create_connection((HOST, 80), timeout=10) as connection:
        connection.sendall(asked.encode() + b"\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    # The gateway's own, or none: nothing of these is passed on.
    status = answer.partition(b"\r\n")[0]
    assert status in (b"", b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 405 Not Allowed"), answer


def test_no_address_beyond_the_replica_is_reached():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1).close()
    except OSError:
        return
    raise AssertionError("the replica is open")
