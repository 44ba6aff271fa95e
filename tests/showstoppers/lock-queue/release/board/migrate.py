"""Brings the tables up to date; where a table is busy, once more."""

import os

import psycopg

while True:
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS notices (id serial PRIMARY KEY, title text NOT NULL)")
            connection.execute("ALTER TABLE notices ADD COLUMN IF NOT EXISTS author text")
        break
    except psycopg.errors.LockNotAvailable as error:
        print("once more:", error, flush=True)
