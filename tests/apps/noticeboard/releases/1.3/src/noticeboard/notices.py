"""Notices: rows in the database, attachments as files in the data folder."""

import re
from pathlib import Path
from typing import BinaryIO, Optional

import psycopg

MAX_NAME_BYTES = 200  # of 255, which is what Linux file systems allow
SUMMARY = 80  # letters of a text, for lists of other boards. New in 1.3


def newest(connection: psycopg.Connection) -> list:
    rows = connection.execute("SELECT * FROM notices ORDER BY created DESC, id DESC LIMIT 100")
    return [dict(row, created=row["created"].isoformat()) for row in rows]


def find(connection: psycopg.Connection, notice: int) -> Optional[dict]:
    return connection.execute("SELECT * FROM notices WHERE id = %s", [notice]).fetchone()


def post(connection: psycopg.Connection, title: str, body: str, author: str) -> int:
    """Stores a notice and returns its id."""
    row = connection.execute(
        "INSERT INTO notices (title, body, author, summary) VALUES (%s, %s, %s, %s) RETURNING id",
        [title, body, author, body[:SUMMARY]],
    ).fetchone()
    return row["id"]


def attach(connection: psycopg.Connection, notice: int, title: str,
           suffix: str, content: BinaryIO, data: Path) -> None:
    """Writes the attachment to a file that is named after the notice."""
    name = file_name(notice, title, suffix)
    (data / name).write_bytes(content.read())
    connection.execute("UPDATE notices SET attachment = %s WHERE id = %s", [name, notice])


def remove(connection: psycopg.Connection, notice: int, data: Path) -> None:
    """Deletes a notice and its attachment; one that is not there is fine."""
    row = connection.execute(
        "DELETE FROM notices WHERE id = %s RETURNING attachment", [notice]
    ).fetchone()
    if row and row["attachment"]:
        (data / row["attachment"]).unlink(missing_ok=True)


def file_name(notice: int, title: str, suffix: str) -> str:
    """Makes a file name that a person recognises: letters of all languages stay as they are."""
    end = re.sub(r"[^\w.]", "", suffix)[:10]
    kept = re.sub(r"[^\w –½.-]", "_", title).encode("utf-8")[:MAX_NAME_BYTES]
    return f"{notice} {kept.decode('utf-8', 'ignore')}{end}"
