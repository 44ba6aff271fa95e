# Says that Apache runs; in Apache's own processes.
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"up\n"]
