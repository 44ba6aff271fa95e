from urllib.parse import parse_qs

from shop.search import find

THINGS = ["ship in a bottle", "anchor", "bottle"]


def application(environ, start_response):
    things = THINGS
    query = parse_qs(environ["QUERY_STRING"]).get("q")
    if query:
        things = find(THINGS, query[0])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{thing}\n".encode() for thing in things]
