"""`create`, or `alter db`, `alter sql`: a statement that waits for as long as it takes, with `--patient` one that gives
up soon and is tried again."""

import os
import sys

import psycopg
import pymysql


def run_on_postgres(statement, patient=False):
    with psycopg.connect(os.environ["POSTGRES"]) as connection:
        if patient:
            connection.execute("SET lock_timeout = '500ms'")
        connection.execute(statement)


def run_on_mariadb(statement, patient=False):
    password = os.environ["MARIADB_PASSWORD"]
    connection = pymysql.connect(host="sql", user="locks", password=password, database="locks")
    with connection, connection.cursor() as cursor:
        if patient:
            cursor.execute("SET lock_wait_timeout = 1")
        cursor.execute(statement)


def alter(run, patient):
    while True:
        try:
            return run("ALTER TABLE notices ADD COLUMN author text", patient)
        except (psycopg.errors.LockNotAvailable, pymysql.err.OperationalError) as error:
            print("busy:", error, flush=True)


if sys.argv[1] == "create":
    for run in [run_on_postgres, run_on_mariadb]:
        run("CREATE TABLE notices (title text)")
else:
    alter({"db": run_on_postgres, "sql": run_on_mariadb}[sys.argv[2]], "--patient" in sys.argv)
