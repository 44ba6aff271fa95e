"""The database."""

import os

import pymysql


def connect():
    """Opens a connection that commits by itself."""
    password = os.environ["DATABASE_PASSWORD"]
    return pymysql.connect(host="db", user="board", password=password, database="board", charset="utf8mb4", autocommit=True)
