"""What three clients of this Python say of each chain below `chains`: of the one that its tools made, and of
the one that stagectl made like it. A server on this host's own loopback sends it. Needs no tests of its own:
the verdicts stand in `verdicts` of the JUnit file, and whoever ran this compares them."""

import json
import os
import pathlib
import re
import socket
import ssl
import sys
import threading
from xml.sax.saxutils import escape

import requests
import urllib3

HERE = pathlib.Path(__file__).parent
CLIENTS: dict = {}


def client(function):
    CLIENTS[function.__name__.replace("_", "")] = function
    return function


@client
def ssl_(host, port, root):
    context = ssl.create_default_context(cafile=root)
    with socket.create_connection((host, port), 5) as plain:
        context.wrap_socket(plain, server_hostname=host).close()


@client
def requests_(host, port, root):
    with requests.Session() as session:
        session.trust_env = False
        session.get(f"https://{host}:{port}/", verify=root, timeout=5)


@client
def urllib3_(host, port, root):
    with urllib3.PoolManager(ca_certs=root, retries=False, timeout=5) as pool:
        pool.request("GET", f"https://{host}:{port}/")


class Server:
    """Serves one chain until it is closed."""

    def __init__(self, folder):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "sent.pem", folder / "leaf.key")
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    if secure.recv(4096):
                        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            except OSError:
                pass


def verdict(ask, host, port, root):
    """`accepted`, or what the client says is wrong."""
    try:
        ask(host, port, root)
    except Exception as error:
        text = str(error)
        found = re.search(r"certificate verify failed: (.+?) \(_ssl", text) or re.search(r"(doesn't match.*?)['\"]?\)*$", text)
        return found.group(1) if found else f"{type(error).__name__}: {re.sub(r'(port=|:)[0-9]+', '', text)}"
    return "accepted"


def verdicts(folder):
    host = (folder / "host").read_text()
    try:
        server = Server(folder)
    except ssl.SSLError as error:
        return dict.fromkeys(CLIENTS, f"the server refuses it: {error.reason}")
    found = {name: verdict(ask, host, server.port, str(folder / "root.pem")) for name, ask in CLIENTS.items()}
    server.listening.close()
    return found


def main():
    resolve = socket.getaddrinfo
    # The names of the site are here.
    socket.getaddrinfo = lambda host, *more, **most: resolve("127.0.0.1", *more, **most)
    chains = sorted(path for path in (HERE / "chains").iterdir() if path.is_dir())
    found = {chain.name: {side: verdicts(chain / side) for side in ("original", "replica")} for chain in chains}
    versions = {"python": sys.version.split()[0], "openssl": ssl.OPENSSL_VERSION.split()[1],
                "requests": requests.__version__, "urllib3": urllib3.__version__}
    text = escape(json.dumps({"versions": versions, "chains": found}), {'"': "&quot;"})
    pathlib.Path(os.environ["STAGECTL_JUNIT"]).write_text(
        f'<testsuite name="chains" tests="1"><testcase name="clients">'
        f'<properties><property name="verdicts" value="{text}"/></properties></testcase></testsuite>')


if __name__ == "__main__":
    main()
