import requests


def price(euros):
    answer = requests.get("https://rates.bank.example/v2/rates", timeout=20)
    answer.raise_for_status()
    return euros * answer.json()["rates"]["EUR"]


def application(environ, start_response):
    text = "open"
    if environ["PATH_INFO"] == "/ship":
        text = f"Ship in a bottle: {price(40):.2f} USD"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
