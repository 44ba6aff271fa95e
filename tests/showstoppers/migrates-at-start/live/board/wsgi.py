"""A board's titles, one a line; a form that is posted becomes one. Its tables are brought up to date at the start."""

import urllib.parse

from sqlalchemy import text

from board.database import engine, migrate

migrate()


def application(environ, start_response):
    form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    fields = dict(urllib.parse.parse_qsl(form))
    with engine.begin() as connection:
        if fields:
            connection.execute(text("INSERT INTO notices (title) VALUES (:title)"), fields)
        notices = connection.execute(text("SELECT title FROM notices ORDER BY id")).all()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(f"{notice.title}\n" for notice in notices).encode()]
