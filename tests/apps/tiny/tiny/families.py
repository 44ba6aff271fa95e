"""What an app sees of address families: in which order it tries names, who asks it, whom it reaches how."""
import json
import os
import socket

FAMILIES = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6"}


def order(name):
    """The families of a name's addresses, as this process tries them."""
    return [FAMILIES[entry[0]] for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


def reached(name, port):
    """The family by which a place is reached first."""
    with socket.create_connection((name, port), 5) as connection:
        return FAMILIES[connection.family]


def database():
    """The family of this client, as the database has it."""
    import psycopg
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return f"ipv{connection.execute('SELECT family(inet_client_addr())').fetchone()[0]}"


def ways_out():
    """Where what is not on the network would be sent to."""
    with open("/proc/net/ipv6_route") as file:
        routes = [line.split() for line in file]
    gateways = {fields[4] for fields in routes if fields[1] == "00" and fields[9] != "lo"}
    return sorted(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(gateway)) for gateway in gateways)


def facts():
    places = json.loads(os.environ["PLACES"])
    found = {
        "order": {name: order(name) for name in places},
        "reached": {name: reached(name, port) for name, port in places.items()},
        "ways out": ways_out(),
    }
    if "DATABASE_URL" in os.environ:
        found["database"] = database()
    return found


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    if environ["PATH_INFO"].endswith("/healthz"):
        return [b"{}"]
    return [json.dumps({"client": environ["REMOTE_ADDR"], **facts()}).encode()]
