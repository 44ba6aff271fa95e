"""A board's titles, one a line, those that matter most first."""

import os

import psycopg


def application(environ, start_response):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        titles = connection.execute("SELECT title FROM notices ORDER BY weight DESC, id").fetchall()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(f"{title}\n" for title, in titles).encode()]
