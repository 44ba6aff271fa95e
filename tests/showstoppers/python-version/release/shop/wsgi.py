"""A shop whose new release uses what Python has since 3.10."""


def application(environ, start_response):
    match environ["PATH_INFO"]:
        case "/healthz":
            status = "200 OK"
        case _:
            status = "404 Not Found"
    start_response(status, [("Content-Type", "text/plain")])
    return [status.encode()]
