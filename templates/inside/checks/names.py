"""Names and certificates, as the site's own Python and OpenSSL see them."""

import socket
import ssl
import subprocess

from checks import ATTEMPT, Wrong


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
