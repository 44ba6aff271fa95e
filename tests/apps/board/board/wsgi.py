"""The release and its notices as JSON. A text that is posted becomes a notice."""

import json

from board.database import connect
from board.release import TITLE, VERSION


def application(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"well"]
    with connect() as connection, connection.cursor() as cursor:
        if environ["REQUEST_METHOD"] == "POST":
            text = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
            cursor.execute(f"INSERT INTO notices ({TITLE}) VALUES (%s)", [text])
        cursor.execute(f"SELECT {TITLE} FROM notices ORDER BY id")
        notices = [title for (title,) in cursor.fetchall()]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"version": VERSION, "notices": notices}).encode()]
