"""Brings the tables up to date."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    count = connection.execute("SELECT count(*) FROM notices").fetchone()[0]
    print(f"{count} notices get a weight")
    connection.execute("ALTER TABLE notices ADD COLUMN weight integer NOT NULL DEFAULT 0")
