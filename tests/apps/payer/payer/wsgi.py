import http.client
import json
import urllib.error
import urllib.request

PAY = "https://api.pay.example/v1/charges"


def pay(amount):
    body = json.dumps({"amount": int(amount), "currency": "EUR"}).encode()
    request = urllib.request.Request(PAY, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return f"{answer.status} {json.load(answer)['id']}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.headers.get('Retry-After')}"
    except (OSError, http.client.HTTPException) as error:
        return type(getattr(error, "reason", error)).__name__


def reach(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return f"{answer.status} {answer.read(2048).decode()}"
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return type(getattr(error, "reason", error)).__name__


def application(environ, start_response):
    path = environ["PATH_INFO"]
    answer = "well"
    if path.startswith("/pay/"):
        answer = pay(path.rpartition("/")[2])
    elif path == "/reach":
        answer = reach(environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]
