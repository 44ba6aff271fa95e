"""Where the site's names lead."""

import socket

from checks import Wrong


def resolves(job, name):
    try:
        found = sorted({entry[4][0] for entry in socket.getaddrinfo(name, None, socket.AF_INET)})
    except OSError as error:
        raise Wrong(f"{name} does not resolve: {error}") from error
    if found != [job["address"]]:
        raise Wrong(f"{name} leads to {', '.join(found)}, expected {job['address']}")
    return found[0]
