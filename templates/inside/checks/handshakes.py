"""What the site agrees to in a handshake: protocol versions, ciphers, clients' certificates."""

import http.client
import socket
import ssl

from checks import ATTEMPT, Wrong, place

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob

VERSIONS = ("TLSv1.2", "TLSv1.3")


def context_for(job: "DiagnoseJob", *versions):
    """A client that takes any certificate: those are checked by others."""
    context = ssl._create_unverified_context()
    numbers = [getattr(ssl.TLSVersion, version.replace(".", "_")) for version in versions]
    if numbers:
        context.minimum_version, context.maximum_version = min(numbers), max(numbers)
    client = job["tls"]["client"]
    if client:
        context.load_cert_chain(client["certificate"], client["key"])
    return context


def agreed(job: "DiagnoseJob", context):
    """Version and cipher; None where the site refuses."""
    name = job["names"][0]
    try:
        with socket.create_connection((place(name), 443), ATTEMPT) as plain, \
                context.wrap_socket(plain, server_hostname=name) as secure:
            return secure.version(), secure.cipher()[0]
    except ssl.SSLError:
        return None
    except ConnectionResetError:
        return None


def versions(job: "DiagnoseJob"):
    """The site accepts exactly the described protocol versions."""
    found = [version for version in VERSIONS if agreed(job, context_for(job, version))]
    described = job["tls"]["versions"]
    if found != described:
        raise Wrong(f"the site speaks {', '.join(found) or 'none'}, described {', '.join(described)}")
    return ", ".join(found)


def ciphers(job: "DiagnoseJob"):
    """The site accepts the described ciphers, and of their versions no others."""
    described = job["tls"]["ciphers"]
    older = [name for name in described if not name.startswith("TLS_")]
    newer = [name for name in described if name.startswith("TLS_")]
    seen = []
    if older:
        context = context_for(job, "TLSv1.2")
        context.set_ciphers("ALL:" + ":".join("!" + name for name in older))
        other = agreed(job, context)
        if other:
            raise Wrong(f"the site agrees to {other[1]}, described {', '.join(older)}")
        context = context_for(job, "TLSv1.2")
        context.set_ciphers(":".join(older))
        if not agreed(job, context):
            raise Wrong(f"the site agrees to none of {', '.join(older)}")
        seen.append(agreed(job, context)[1])
    if newer:
        # A client of Python cannot choose those; what the site prefers of them is seen.
        found = agreed(job, context_for(job, "TLSv1.3"))
        if not found or found[1] not in newer:
            raise Wrong(f"the site agrees to {found[1] if found else 'none'}, described {', '.join(newer)}")
        seen.append(found[1])
    return "agreed to " + " and ".join(seen)


def client_certificates(job: "DiagnoseJob"):
    """Who shows no certificate is refused, or served, as described."""
    client = job["tls"]["client"]
    name = job["names"][0]
    connection = http.client.HTTPSConnection(
        name, 443, timeout=ATTEMPT, context=ssl._create_unverified_context())
    path = job["health"]["url"].split(name, 1)[1]
    try:
        plain = socket.create_connection((place(name), 443), ATTEMPT)
        connection.sock = ssl._create_unverified_context().wrap_socket(plain, server_hostname=name)
        connection.request("GET", path, headers={"User-Agent": "stagectl"})
        # nginx answers 400 to those who have none; the others end the handshake.
        status = connection.getresponse().status
        seen = f"HTTP {status}"
        refused = status in (400, 403, 495, 496)
    except (OSError, http.client.HTTPException) as error:
        seen, refused = f"{type(error).__name__}", True
    finally:
        connection.close()
    if refused != client["required"]:
        described = "required" if client["required"] else "optional"
        raise Wrong(f"a client without a certificate gets {seen}, described: {described}")
    return f"without one: {seen}; with one: see `health`"
