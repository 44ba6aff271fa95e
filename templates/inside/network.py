"""Sees, from the site's own host and before anything of the site runs there, that nothing leads out of its network, and that who
asks for a name asks the site's resolver. Reads a `NetworkJob` (`job.pyi`). Says what is not so, and ends with 3 then; with 126
where the host does not get ready, which is nothing that the app could have done."""

import json
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
import ready

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import NetworkJob

CONFIGURATION = "/etc/resolv.conf"
# A resolver that has just been started may take so long to answer.
PATIENCE = 10.0
ATTEMPT = 0.5
PAUSE = 0.01
TEXT, INTERNET = 16, 1
# Of a route: through somebody.
GATEWAY = 0x2


def ways_out(nobody):
    with open("/proc/net/route") as file:
        for line in list(file)[1:]:
            interface, _, gateway, flags = line.split()[:4]
            if int(flags, 16) & GATEWAY:
                address = socket.inet_ntoa(struct.pack("=I", int(gateway, 16)))
                if address not in nobody:
                    yield f"a route leads out of the network, through {address} ({interface})"
    if not os.path.exists("/proc/net/ipv6_route"):
        return
    with open("/proc/net/ipv6_route") as file:
        for line in file:
            fields = line.split()
            address = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(fields[4]))
            if int(fields[8], 16) & GATEWAY and address not in nobody:
                yield f"a route leads out of the network, through {address} ({fields[9]})"


def resolvers():
    with open(CONFIGURATION) as file:
        words = [line.split() for line in file]
    return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, TEXT, INTERNET)


def ask(resolver, name, text):
    """What is wrong with the resolver's answer; nothing when it is right."""
    family = socket.AF_INET6 if ":" in resolver else socket.AF_INET
    query = question(name)
    with socket.socket(family, socket.SOCK_DGRAM) as own:
        own.settimeout(ATTEMPT)
        try:
            own.connect((resolver, 53))
            own.send(query)
            answer = own.recv(4096)
        except OSError as error:
            return str(error)
    if answer[:2] == query[:2] and bytes([len(text)]) + text.encode() in answer[len(query):]:
        return None
    return f"its answer, with code {answer[3] & 0xF if len(answer) > 3 else '-'}, is not the site's resolver's"


def strangers(name, text):
    asked = resolvers()
    if not asked:
        yield f"{CONFIGURATION} names no resolver"
    end = time.monotonic() + PATIENCE
    for resolver in asked:
        while True:
            wrong = ask(resolver, name, text)
            if wrong is None:
                break
            if time.monotonic() > end:
                yield f"the containers ask the resolver {resolver}: {wrong}"
                break
            time.sleep(PAUSE)


def main():
    job: NetworkJob = json.load(sys.stdin)
    late = ready.wait_for_host()
    if late:
        print(late)
        return 126
    found = [*ways_out(job["nobody"]), *strangers(job["name"], job["text"])]
    for line in found:
        print(line)
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
