from urllib.parse import parse_qs

from shop.customers import Customer


def application(environ, start_response):
    status, email = "200 OK", parse_qs(environ["QUERY_STRING"]).get("email")
    if email:
        try:
            Customer(email=email[0])
            status = "201 Created"
        except AssertionError:
            status = "400 Bad Request"
    start_response(status, [("Content-Type", "text/plain")])
    return [f"{status}\n".encode()]
