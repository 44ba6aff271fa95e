"""Notices, and who wrote them."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute(
        "CREATE TABLE notices (id serial PRIMARY KEY, title varchar(40) NOT NULL, client varchar(15) NOT NULL)")
