"""What the site answers: plain HTTP and health."""

import http.client
import ssl
import urllib.parse

from checks import ATTEMPT, Wrong


def request(url, client=None):
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    options = {}
    if parts.scheme == "https":
        options["context"] = ssl._create_unverified_context()
        if client:
            options["context"].load_cert_chain(client["certificate"], client["key"])
    connection = kind(parts.hostname, parts.port, timeout=ATTEMPT, **options)
    try:
        connection.request("GET", parts.path or "/", headers={"User-Agent": "stagectl"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(1 << 20)
    finally:
        connection.close()


def plain_http(job):
    url = f"http://{job['names'][0]}{job['prefix']}"
    try:
        status, headers, _ = request(url)
    except ConnectionRefusedError:
        if job["plain_http"] == "closed":
            return "port 80 is closed"
        raise Wrong(f"port 80 is closed, described: {job['plain_http']}") from None
    location = headers.get("Location", "")
    if job["plain_http"] == "closed":
        raise Wrong(f"port 80 answers {status}, described as closed")
    if job["plain_http"] == "redirect":
        if status not in (301, 302, 307, 308) or not location.startswith("https://"):
            raise Wrong(f"{url} answers {status} {location}, expected a redirect to https")
        return f"{status} to {location}"
    if status >= 500 or location.startswith("https://"):
        raise Wrong(f"{url} answers {status} {location}, expected the app")
    return f"HTTP {status}"


def health(job):
    status, _, body = request(job["health"]["url"], (job["tls"] or {}).get("client"))
    if status != job["health"]["status"]:
        raise Wrong(f"HTTP {status}, expected {job['health']['status']}: {body[:200]!r}")
    return f"HTTP {status}"
