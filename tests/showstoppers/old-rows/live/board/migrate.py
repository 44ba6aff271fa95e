"""Brings the tables up to date."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS notices (id serial PRIMARY KEY, title text NOT NULL)")
