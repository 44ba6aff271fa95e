"""Mail to the editors. A mail server that is down delays nobody for long, and loses no notice."""

import logging
import smtplib
from email.message import EmailMessage

from .settings import Settings

TIMEOUT = 5  # seconds

log = logging.getLogger("noticeboard.mail")


def tell_editors(settings: Settings, title: str, author: str) -> None:
    """Says that a notice was posted; does nothing where the site has no mail server."""
    if not settings.mail_server:
        return
    message = EmailMessage()
    message["From"] = "board@" + settings.public_url.split("/")[2]
    message["To"] = settings.editors
    message["Subject"] = f"New notice: {title}"
    message.set_content(f"{author} posted a notice: {title}\n\n{settings.public_url}/\n")
    host, _, port = settings.mail_server.partition(":")
    try:
        with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.error("mail to %s by %s: %s", settings.editors, settings.mail_server, error)
