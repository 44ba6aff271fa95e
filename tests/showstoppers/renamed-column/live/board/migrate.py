"""Brings the tables up to date."""

from board.database import connect

with connect() as connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS notices (id int AUTO_INCREMENT PRIMARY KEY, title text NOT NULL)")
