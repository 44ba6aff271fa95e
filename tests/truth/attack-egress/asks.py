# The app, which tries to read and to forget what was noted of it.
import socket, urllib.request, urllib.error
for host, port, path in (("api.pay.example", 8053, "requests"), ("mail", 8025, "")):
    for method in ("GET", "DELETE"):
        try:
            print(host, method, urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/{path}", method=method)).status)
        except urllib.error.HTTPError as error:
            print(host, method, error.code)
