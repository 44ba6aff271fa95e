"""A board that has its notices in a database."""

import os

import psycopg


def notices():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return connection.execute("SELECT 'Sommerfest'").fetchone()[0]


def application(environ, start_response):
    status, text = "200 OK", "Notices"
    if environ["PATH_INFO"] == "/notices":
        try:
            text = notices()
        except psycopg.Error as error:
            status, text = "500 Internal Server Error", str(error)
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]
