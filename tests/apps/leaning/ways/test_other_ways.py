"""Seeds in their other forms, settings in force, and what a client is not given."""

import os
import socket

import pika
import psycopg
import pymysql
import pytest

ROWS = ["Anschlag", "Äpfel", "Öl"]
PASSWORD = os.environ["PASSWORD"]
ROOTS = "/etc/ssl/certs/ca-certificates.crt"


def postgres(host, **options):
    return psycopg.connect(host=host, user="tiny", dbname="tiny", password=PASSWORD, connect_timeout=10, **options)


def mariadb(**options):
    return pymysql.connect(host="sql", user="tiny", password=PASSWORD, database="shop", connect_timeout=10, **options)


def seen(host):
    with postgres(host) as connection:
        owners = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'notices'").fetchall()
        connection.execute("SET ROLE curator")
        return owners, [title for title, in connection.execute("SELECT title FROM notices ORDER BY id")]


def test_a_dump_and_a_script_of_an_archive_are_loaded():
    assert seen("db") == ([("curator",)], [*ROWS, "Übrig"])


def test_a_tar_of_pg_dump_is_loaded():
    assert seen("tarred") == ([("curator",)], ROWS)


def test_a_script_is_loaded_and_the_grants_are_all_there_is():
    with mariadb() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO notices VALUES (4, 'Übrig')")
        cursor.execute("SELECT title FROM notices ORDER BY id")
        assert [title for title, in cursor.fetchall()] == [*ROWS, "Übrig"]
        for refused in ["DELETE FROM notices", "CREATE TABLE more (id integer)", "DROP TABLE notices"]:
            with pytest.raises(pymysql.err.OperationalError, match="command denied"):
                cursor.execute(refused)


@pytest.mark.parametrize("mode", ["disable", "verify-full"])
def test_postgres_offers_tls_and_does_not_demand_it(mode):
    with postgres("db", sslmode=mode, sslrootcert=ROOTS) as connection:
        found = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert found == (mode != "disable",)


@pytest.mark.parametrize("options", [
    {"ssl_disabled": True},
    {"ssl_ca": ROOTS, "ssl_verify_cert": True, "ssl_verify_identity": True},
])
def test_mariadb_offers_tls_and_does_not_demand_it(options):
    with mariadb(**options) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        assert bool(cursor.fetchone()[1]) == ("ssl_ca" in options)


def test_without_a_word_on_tls_there_is_none():
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        postgres("tarred", sslmode="require")


def test_settings_of_redis_are_in_force():
    with socket.create_connection(("cache", 6379), 5) as cache:
        lines = cache.makefile("rwb")

        def setting(name):
            lines.write(f"CONFIG GET {name}\r\n".encode())
            lines.flush()
            return [lines.readline().strip() for _ in range(5)][4]

        assert setting("maxmemory") == str(10 << 20).encode()
        assert setting("maxmemory-policy") == b"allkeys-lru"
        lines.write(b"SELECT 3\r\n")
        lines.flush()
        assert lines.readline().startswith(b"-ERR DB index is out of range")


def test_settings_of_rabbitmq_are_in_force():
    login = pika.PlainCredentials("tiny", PASSWORD)
    connection = pika.BlockingConnection(pika.ConnectionParameters("mq", credentials=login))
    # What the broker proposed: pika takes the lower one of both sides.
    tuned = connection._impl.params
    assert (tuned.channel_max, tuned.heartbeat) == (77, 13)
    connection.close()


def test_a_closed_mail_host_refuses_at_once():
    for port in [25, 587]:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("mail", port), 10)
