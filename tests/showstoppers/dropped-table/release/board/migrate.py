"""Moves the notices into their new table, or back."""

import os
import sys

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if "back" in sys.argv:
        connection.execute("ALTER TABLE entries RENAME TO notices")
    else:
        connection.execute("CREATE TABLE IF NOT EXISTS notices (id serial PRIMARY KEY, title text NOT NULL)")
        connection.execute("ALTER TABLE notices RENAME TO entries")
