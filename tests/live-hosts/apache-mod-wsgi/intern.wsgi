# A list that only the house sees: no framework, and Debian's own Python.
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["Hausliste\n".encode()]
