"""What the site's services have, as the site itself would see it."""

import json
import os
import smtplib
import socket
import urllib.request
from email.message import EmailMessage

import pika
import psycopg
import pymysql
import pytest

ROWS = ["Anschlag", "Äpfel", "Öl"]


def test_postgres_has_the_seed_and_its_owner():
    with psycopg.connect(os.environ["POSTGRES_URL"]) as connection:
        rows = connection.execute("SELECT title FROM notices ORDER BY id").fetchall()
        owners = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'notices'").fetchall()
        may = connection.execute("SELECT has_table_privilege('reporting', 'notices', 'SELECT')").fetchone()
    assert [title for title, in rows] == ROWS
    assert owners == [("curator",)]
    assert may == (True,)


def test_mariadb_has_the_seed_and_the_encoding():
    connection = pymysql.connect(
        host="sql", user="tiny", password=os.environ["SQL_PASSWORD"], database="shop",
        ssl_ca="/etc/ssl/certs/ca-certificates.crt", ssl_verify_cert=True, ssl_verify_identity=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT title FROM notices ORDER BY id")
        assert [title for title, in cursor.fetchall()] == ROWS
        cursor.execute("SELECT @@character_set_database, @@collation_database")
        assert cursor.fetchone() == ("utf8mb4", "utf8mb4_german2_ci")


def test_databases_that_require_tls_take_nobody_without_it():
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(os.environ["POSTGRES_URL"], sslmode="disable")
    # With TLS the same user gets in, above.
    with pytest.raises(pymysql.err.OperationalError, match="insecure transport|Access denied"):
        pymysql.connect(host="sql", user="tiny", password=os.environ["SQL_PASSWORD"], ssl_disabled=True)


def ask(path="", method="GET"):
    request = urllib.request.Request(os.environ["STAGECTL_MAILS"] + path, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def test_a_mail_can_be_read():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "board@a.example", "mö@a.example", "Grüße"
    message.set_content("Öl ist da\n")
    with smtplib.SMTP("mail", 25, timeout=5) as mail:
        mail.login("tiny", os.environ["MAIL_PASSWORD"])
        mail.send_message(message, to_addrs=["m@a.example"])
    found, = json.loads(ask("?to=m@a.example&wait=5"))
    assert (found["subject"], found["text"], found["to"]) == ("Grüße", "Öl ist da\n", ["m@a.example"])
    assert ask("0").startswith(b"From: board@a.example")
    ask(method="DELETE")
    assert json.loads(ask()) == []


def test_rabbitmq_has_the_user_and_the_virtual_host():
    login = pika.PlainCredentials("tiny", os.environ["SQL_PASSWORD"])
    where = pika.ConnectionParameters("mq", virtual_host="board", credentials=login)
    connection = pika.BlockingConnection(where)
    channel = connection.channel()
    channel.queue_declare("jobs")
    channel.basic_publish("", "jobs", b"a job")
    assert channel.basic_get("jobs", auto_ack=True)[2] == b"a job"
    connection.close()


def test_a_service_of_the_app_s_host_has_its_address():
    names = ["jobs", "a.example"]
    assert len({socket.gethostbyname(name) for name in names}) == 1
    with socket.create_connection(("jobs", 11300), 5) as jobs:
        jobs.sendall(b"stats\r\n")
        assert jobs.recv(64).startswith(b"OK")
