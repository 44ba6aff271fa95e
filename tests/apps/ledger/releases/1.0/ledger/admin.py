"""python -m ledger.admin migrate | clear | write TEXT"""

import os
import sqlite3
import sys

import ledger

MIGRATIONS = ["CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"]


def migrate(connection):
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    for number, migration in enumerate(MIGRATIONS[done:], done + 1):
        connection.execute(migration)
        connection.execute(f"PRAGMA user_version = {number}")


if __name__ == "__main__":
    with sqlite3.connect(os.environ["LEDGER"]) as connection:
        if sys.argv[1] == "migrate":
            migrate(connection)
        elif sys.argv[1] == "clear":
            connection.execute("DELETE FROM entries WHERE text NOT LIKE '% by %'")
        else:
            text = f"{sys.argv[2]} by {ledger.VERSION}"
            connection.execute("INSERT INTO entries (text) VALUES (?)", [text])
