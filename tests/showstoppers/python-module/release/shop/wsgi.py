"""A shop that answers with WebOb."""

from webob import Request, Response


def application(environ, start_response):
    request = Request(environ)
    return Response(f"you asked for {request.path}\n")(environ, start_response)
