"""A mail host that delivers nothing. Its description is in mail.json beside this file.

`sink` takes every mail and keeps it; `silent` takes connections and never says a word; `closed`
listens nowhere. The suite, and nobody else, asks over HTTP:

GET /              every mail as JSON, oldest first; `?to=ADDRESS` only those to somebody;
                   `?wait=SECONDS` waits until there is one
GET /NUMBER        one mail as it came
DELETE /           forgets all of them
"""

import asyncio
import email
import email.policy
import http.server
import json
import os
import socket
import socketserver
import threading
import urllib.parse

KEPT = threading.Condition()
MAILS: list = []
# Where the suite asks from.
ASKING: set = set()


def described(number, mail):
    message = email.message_from_bytes(mail["raw"], policy=email.policy.default)

    def part(kind):
        found = message.get_body((kind,))
        return found.get_content().replace("\r\n", "\n") if found is not None else None

    return {
        "number": number,
        "from": mail["from"],
        "to": mail["to"],
        "subject": message["subject"],
        "headers": {name: str(value) for name, value in message.items()},
        "text": part("plain"),
        "html": part("html"),
        "attachments": [part.get_filename() for part in message.iter_attachments()],
    }


class Mails(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_asked_by_the_suite(self):
        if self.client_address[0] in ASKING:
            return True
        self.answer(403, b'{"error": "mails are shown to the suite alone"}')
        return False

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        name = url.path.strip("/")
        if name == "ready":
            self.answer(200)
        elif not self.is_asked_by_the_suite():
            return
        elif name == "":
            self.answer(200, json.dumps(self.found(query)).encode())
        elif name.isdigit() and int(name) < len(MAILS):
            self.answer(200, MAILS[int(name)]["raw"], "message/rfc822")
        else:
            self.answer(404, b'{"error": "no such mail"}')

    def do_DELETE(self):
        if not self.is_asked_by_the_suite():
            return
        with KEPT:
            MAILS.clear()
        self.answer(204)

    def found(self, query):
        def chosen():
            wanted = query.get("to")
            return [(number, mail) for number, mail in enumerate(MAILS) if wanted is None or wanted in mail["to"]]

        with KEPT:
            if "wait" in query:
                KEPT.wait_for(chosen, min(float(query["wait"]), 600.0))
            mails = chosen()
        return [described(number, mail) for number, mail in mails]

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, host, port):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Mails)

    def server_bind(self):
        # Without asking the resolver for a name of the address.
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]


class Silent(asyncio.Protocol):
    """Takes the connection, reads what comes, and says nothing."""

    def connection_made(self, transport):
        print("a connection from", transport.get_extra_info("peername")[0], flush=True)


class Sink:
    async def handle_DATA(self, server, session, envelope):
        with KEPT:
            MAILS.append({"from": envelope.mail_from, "to": envelope.rcpt_tos, "raw": envelope.original_content})
            KEPT.notify_all()
        print("a mail from", envelope.mail_from, "to", ", ".join(envelope.rcpt_tos), flush=True)
        return "250 OK: kept"


def protocol(config):
    """What answers on the mail ports; None where nothing does."""
    if config["behaviour"] == "closed":
        return None
    if config["behaviour"] == "silent":
        return Silent
    import ssl

    from aiosmtpd.smtp import SMTP, AuthResult

    options = {"hostname": config["hostname"], "ident": "stagectl", "data_size_limit": None, "enable_SMTPUTF8": True}
    if config["tls"] != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain("/opt/stagectl/certificate.pem", "/opt/stagectl/certificate-key.pem")
        options.update(tls_context=context, require_starttls=config["tls"] == "required")
    login = config["login"]
    if login:
        expected = (login["user"].encode(), login["password"].encode())

        def authenticate(server, session, envelope, mechanism, data):
            given = (getattr(data, "login", None), getattr(data, "password", None))
            return AuthResult(success=given == expected, handled=False)

        options.update(auth_required=True, auth_require_tls=False, authenticator=authenticate)
    return lambda: SMTP(Sink(), **options)


async def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mail.json")) as file:
        config = json.load(file)
    ASKING.update(config["suite"])
    answers = protocol(config)
    loop = asyncio.get_running_loop()
    for port in config["smtp"] if answers else []:
        await loop.create_server(answers, config["hosts"], port)
    # Last: whoever finds this port open finds the others open, too.
    for host in config["hosts"]:
        server = Server(host, config["http"])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    await asyncio.Event().wait()


asyncio.run(main())
