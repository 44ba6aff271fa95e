"""Where the site's names lead."""

import socket

from checks import Wrong

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import DiagnoseJob


def resolves(job: "DiagnoseJob", name):
    own = job["host"].get("hosts", {}).get(name)
    if own:
        return of_the_host(job, {name: own})
    described = [job["address"]]
    family = socket.AF_INET
    if "ipv6" in job:
        described.append(job["ipv6"])
        family = socket.AF_UNSPEC
    found = addresses(name, family)
    if sorted(found) != sorted(described):
        raise Wrong(f"{name} leads to {', '.join(found)}, expected {', '.join(described)}")
    return ", ".join(found)


def of_the_host(job: "DiagnoseJob", expected):
    """/etc/hosts"""
    for name, described in expected.items():
        found = addresses(name)
        if found != [described]:
            raise Wrong(f"{name} leads to {', '.join(found)}, described {described}")
    return ", ".join(f"{name} {address}" for name, address in expected.items())


def addresses(name, family=socket.AF_UNSPEC):
    """In the order in which this host tries them."""
    try:
        return [entry[4][0] for entry in socket.getaddrinfo(name, None, family, socket.SOCK_STREAM)]
    except OSError as error:
        raise Wrong(f"{name} does not resolve: {error}") from error
