"""Brings the tables up to date. Who waits for a lock gives up soon, and tries again."""

import pymysql

from board.database import connect
from board.release import MIGRATIONS

LOCK_WAIT_TIMEOUT = 1205


def run_patiently(cursor, statement):
    while True:
        try:
            return cursor.execute(statement)
        except pymysql.err.OperationalError as error:
            if error.args[0] != LOCK_WAIT_TIMEOUT:
                raise
            print("busy:", error, flush=True)


with connect() as connection, connection.cursor() as cursor:
    cursor.execute("SET lock_wait_timeout = 1")
    run_patiently(cursor, "CREATE TABLE IF NOT EXISTS migrations (number int NOT NULL)")
    cursor.execute("SELECT COUNT(*) FROM migrations")
    (done,) = cursor.fetchone()
    for number, statement in enumerate(MIGRATIONS[done:], done + 1):
        run_patiently(cursor, statement)
        cursor.execute("INSERT INTO migrations VALUES (%s)", [number])
