"""The built-in checks of a deployed site, from inside its host, by the site's own Python.

Reads one JSON object from standard input (see `suite/diagnosis.rs`) and writes one JSON line a
check: {"name", "passed", "detail", "took"}.
"""

import concurrent.futures
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

ATTEMPT = 5.0  # seconds for one connection
ALARMS = re.compile(r"Traceback \(most recent call last\)|\bCRITICAL\b|\bPANIC\b|\bFATAL\b|\[emerg\]|\[crit\]|segfault")


class Wrong(Exception):
    """What a check found, when it is not as described."""


def resolves(job, name):
    try:
        found = sorted({entry[4][0] for entry in socket.getaddrinfo(name, None, socket.AF_INET)})
    except OSError as error:
        raise Wrong(f"{name} does not resolve: {error}") from error
    if found != [job["address"]]:
        raise Wrong(f"{name} leads to {', '.join(found)}, expected {job['address']}")
    return found[0]


def seen_by_python(job, name):
    context = ssl.create_default_context()
    try:
        with socket.create_connection((name, 443), ATTEMPT) as plain:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                certificate = secure.getpeercert()
                names = [value for _, value in certificate.get("subjectAltName", ())]
                return f"{secure.version()}, certificate for {', '.join(names)}"
    except OSError as error:
        raise Wrong(f"{ssl.OPENSSL_VERSION}: {error}") from error


def seen_by_openssl(job, name):
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"{name}:443", "-servername", name, "-verify_return_error",
         "-verify_hostname", name, "-brief", "-CAfile", "/etc/ssl/certs/ca-certificates.crt"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=ATTEMPT)
    text = result.stdout.decode("utf-8", "replace")
    if result.returncode != 0:
        lines = [line.strip() for line in text.splitlines() if "erif" in line or "error" in line.lower()]
        raise Wrong("; ".join(lines[:3]) or text.strip()[-300:])
    return next((line for line in text.splitlines() if line.startswith("Protocol")), "verified").strip()


def offered_versions(job):
    """The site accepts exactly the described protocol versions."""
    found = []
    for label, version in (("TLSv1.2", ssl.TLSVersion.TLSv1_2), ("TLSv1.3", ssl.TLSVersion.TLSv1_3)):
        context = ssl.create_default_context()
        context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection((job["names"][0], 443), ATTEMPT) as plain:
                with context.wrap_socket(plain, server_hostname=job["names"][0]):
                    found.append(label)
        except ssl.SSLCertVerificationError:
            found.append(label)
        except OSError:
            continue
    if found != job["tls_versions"]:
        raise Wrong(f"the site speaks {', '.join(found) or 'none'}, described {', '.join(job['tls_versions'])}")
    return ", ".join(found)


def request(url, name=None):
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    options = {"context": ssl._create_unverified_context()} if parts.scheme == "https" else {}
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
    status, _, body = request(job["health"]["url"])
    if status != job["health"]["status"]:
        raise Wrong(f"HTTP {status}, expected {job['health']['status']}: {body[:200]!r}")
    return f"HTTP {status}"


def stat(pid):
    """State and start time (in ticks since boot) of a process."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return fields[0], int(fields[19])


def alive(job, process):
    try:
        state, _ = stat(process["pid"])
    except FileNotFoundError:
        raise Wrong(f"process {process['pid']} has ended") from None
    if state == "Z":
        raise Wrong(f"process {process['pid']} has ended")
    with open(f"/proc/{process['pid']}/task/{process['pid']}/children") as file:
        children = file.read().split()
    return f"process {process['pid']}, {len(children)} children"


def environment(pid):
    """The variables of a live process; only its own user may read them."""
    owner = os.stat(f"/proc/{pid}").st_uid

    def become():
        os.setgid(owner)
        os.setuid(owner)

    raw = subprocess.run(["cat", f"/proc/{pid}/environ"], stdout=subprocess.PIPE, check=True,
                         preexec_fn=become if owner else None).stdout
    pairs = [entry.partition(b"=") for entry in raw.split(b"\0") if entry]
    return {key.decode(): value.decode("utf-8", "surrogateescape") for key, _, value in pairs}


def variables(job):
    found = environment(job["process"])
    wrong = [key for key, value in job["env"].items() if found.get(key) != value]
    extra = sorted(set(found) - set(job["env"]) - set(job["standard"]))
    if wrong:
        raise Wrong(f"not as described in the live process: {', '.join(sorted(wrong))}")
    if extra:
        raise Wrong(f"in the live process, but not described: {', '.join(extra)}")
    return f"{len(job['env'])} as described, no others"


def locale(job):
    found = environment(job["process"]).get("LANG")
    if found != job["locale"]:
        raise Wrong(f"LANG is {found}, described {job['locale']}")
    listed = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    known = {normal(line) for line in listed.stdout.decode("ascii", "replace").split()}
    if normal(found) not in known:
        raise Wrong(f"LANG is {found}, which this host does not have")
    return found


def normal(name):
    return name.lower().replace("-", "")


def time_zone(job):
    with open("/etc/timezone") as file:
        found = file.read().strip()
    if found != job["timezone"]:
        raise Wrong(f"the host is in {found}, described {job['timezone']}")
    script = "import time; print(time.strftime('%Z %z'))"
    shown = subprocess.run([job["python"], "-I", "-S", "-c", script], stdout=subprocess.PIPE,
                           env={"TZ": ":" + found}).stdout
    mine = subprocess.run([job["python"], "-I", "-S", "-c", script], stdout=subprocess.PIPE, env={}).stdout
    if shown != mine:
        raise Wrong(f"programs see {mine.decode().strip()}, {found} is {shown.decode().strip()}")
    return f"{found}, {mine.decode().strip()}"


def python(job):
    script = "import sys, ssl; print('%d.%d.%d' % sys.version_info[:3], ssl.OPENSSL_VERSION, sep=', ')"
    found = subprocess.run([job["python"], "-I", "-c", script], stdout=subprocess.PIPE).stdout.decode().strip()
    if not found.startswith(job["python_version"] + "."):
        raise Wrong(f"the app runs Python {found}, described {job['python_version']}")
    return found


def quiet_logs(job):
    for log in job["logs"]:
        try:
            with open(log, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            continue
        for number, line in enumerate(lines):
            if ALARMS.search(line):
                shown = lines[number:]
                # A traceback says what happened in its first line that is not indented.
                end = next((other for other in shown[1:] if other and not other[0].isspace()), "")
                raise Wrong(f"{log}: {line.strip()} {end.strip()}".strip())
    return f"{len(job['logs'])} logs"


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


def checks(job):
    """Name and call of every check that this site has."""
    for name in job["names"]:
        yield f"{name} resolves", lambda name=name: resolves(job, name)
        if job["tls_versions"]:
            yield f"certificate of {name}, seen by Python", lambda name=name: seen_by_python(job, name)
            yield f"certificate of {name}, seen by OpenSSL", lambda name=name: seen_by_openssl(job, name)
    if job["tls_versions"]:
        yield "TLS versions", lambda: offered_versions(job)
        yield "plain HTTP", lambda: plain_http(job)
    yield "health", lambda: health(job)
    for process in job["processes"]:
        yield f"{process['role']} runs", lambda process=process: alive(job, process)
    yield "logs", lambda: quiet_logs(job)
    yield "Python", lambda: python(job)
    yield "locale", lambda: locale(job)
    yield "time zone", lambda: time_zone(job)
    yield "variables", lambda: variables(job)
    for service in job["services"]:
        yield f"{service['role']} answers", lambda service=service: answers(job, service)


def perform(entry):
    name, call = entry
    start = time.monotonic()
    try:
        passed, detail = True, call()
    except Wrong as error:
        passed, detail = False, str(error)
    except Exception as error:  # a check that breaks is a failed check, never a lost one
        passed, detail = False, f"{type(error).__name__}: {error}"
    return {"name": name, "passed": passed, "detail": detail, "took": round(time.monotonic() - start, 3)}


def main():
    job = json.load(sys.stdin)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for result in pool.map(perform, list(checks(job))):
            print(json.dumps(result), flush=True)


main()
