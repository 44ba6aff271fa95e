# Requests to the way to an allowed host, which nobody answers for here: what is passed on gets 502.
import socket

GATEWAY = socket.gethostbyname("index.example")


def raw(request):
    with socket.create_connection((GATEWAY, 80), 5) as connection:
        connection.sendall(request.encode())
        return connection.recv(12).decode()


def asked(target, host):
    return raw(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")


for target, host in (
        ("/", "index.example"), ("/", "INDEX.example:80"), ("http://index.example/", "index.example"),
        ("http://index.example/", "other.example"), ("http://index.example/", "index.example.other.example"),
        ("http://index.example/", "169.254.169.254"), ("http://other.example/", "index.example"),
        ("/", "other.example"), ("/", "index.example:8080"), ("/", "index.example@169.254.169.254"),
        ("/", "indexxexample")):
    print(target, host, asked(target, host) or "closed")
print("no host", raw("GET / HTTP/1.0\r\n\r\n") or "closed")
