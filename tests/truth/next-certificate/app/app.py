"""Asks its own address, as every page does that is made of others, and says what comes of it."""
import os
import urllib.request


def app(environ, start_response):
    said = "well"
    if environ["PATH_INFO"] == "/own":
        try:
            urllib.request.urlopen(os.environ["OWN_URL"], timeout=10).close()
        except OSError as error:
            said = str(error)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [said.encode()]
