"""The entries as JSON, and the version that says so. A text that is posted becomes an entry.

LEDGER_PLUGINS is a folder that is looked into at each request.
"""

import json
import os
import sqlite3

import ledger


def application(environ, start_response):
    os.listdir(os.environ.get("LEDGER_PLUGINS", "."))
    with sqlite3.connect(os.environ["LEDGER"]) as connection:
        connection.row_factory = sqlite3.Row
        if environ["REQUEST_METHOD"] == "POST":
            text = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
            connection.execute("INSERT INTO entries (text) VALUES (?)", [text])
        entries = [dict(row) for row in connection.execute("SELECT * FROM entries ORDER BY id")]
    body = json.dumps({"version": ledger.VERSION, "entries": entries}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
