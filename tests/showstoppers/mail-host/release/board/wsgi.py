"""A board that tells its editor of each new notice."""

import os
import smtplib
from email.message import EmailMessage


def tell_editor(title):
    message = EmailMessage()
    message["From"], message["To"] = "board@board.example", "editor@board.example"
    message["Subject"] = f"New: {title}"
    with smtplib.SMTP(os.environ["MAIL_HOST"]) as mail:
        mail.send_message(message)


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        tell_editor(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Notices\n"]
