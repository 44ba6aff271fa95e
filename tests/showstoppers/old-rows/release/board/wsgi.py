"""A board's titles and who wrote them, one a line; a form that is posted becomes one."""

import os
import urllib.parse

import psycopg


def application(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"well"]
    form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    fields = dict(urllib.parse.parse_qsl(form))
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        if fields:
            values = [fields["title"], fields["author"]]
            connection.execute("INSERT INTO notices (title, author) VALUES (%s, %s)", values)
        notices = connection.execute("SELECT title, author FROM notices ORDER BY id").fetchall()
    lines = [f"{title}, {author.upper()}\n" for title, author in notices]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(lines).encode()]
