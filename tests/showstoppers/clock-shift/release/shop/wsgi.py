"""A price list with a licence."""

import jwt

KEY = "the maker's key: 32 bytes or more"
LICENCE = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJjdXN0b21lciI6InNob3AiLCJleHAiOjE4OTM0NTYwMDB9."
    "rJrQ_hdqg9dozHZXX88lyAjDzS_8wFK58y60TeWGX68"
)
OWNER = jwt.decode(LICENCE, KEY, algorithms=["HS256"])["customer"]


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"Ship in a bottle: 40 EUR, licensed to {OWNER}\n".encode()]
