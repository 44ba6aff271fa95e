"""A board that keeps from where each of its notices came."""

import os

import psycopg


def application(environ, start_response):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        if environ["REQUEST_METHOD"] == "POST":
            title = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
            client = environ["HTTP_X_FORWARDED_FOR"].split(",")[0]
            connection.execute("INSERT INTO notices (title, client) VALUES (%s, %s)", (title, client))
        titles = connection.execute("SELECT title FROM notices ORDER BY id").fetchall()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(f"{title}\n" for title, in titles).encode()]
