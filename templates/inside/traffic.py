"""Asks pages of the site as a visitor does who has no session, one after the other, while a release is deployed over another one.

Reads a `TrafficJob` (`job.pyi`) from standard input. Writes JSON lines, the first of them at once: {"began": true}. Where the
`first` answers are asked for, it then asks each page once, {"first": number of the page, "status"}, and leaves out those that are
errors; the first page stays. {"asks": true}, and from then on each `pace` seconds the next page is asked, whether others have
answered or not: {"page": number, "at": seconds since it began, "took", "status"}. Where there is no answer, `away` says why
instead of `status`. It ends when `release.py` says so, and when nobody reads what it writes.
"""

import http.client
import json
import os
import select
import socket
import ssl
import sys
import threading
import time
import urllib.parse

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # isolated mode leaves it out
from gate import opened_gate

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import TrafficJob

MOST = 1 << 20  # bytes of an answer that are read
PIECE = 1 << 16
ERROR = 400


def in_words(error):
    """Why there is no answer, in one of a few words: they are counted."""
    if isinstance(error, socket.timeout):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return "its name does not resolve"
    if isinstance(error, ssl.SSLError):
        return "no TLS"
    if isinstance(error, (ConnectionError, http.client.HTTPException)):
        return "connection closed"
    return "no connection"


class Visitor:
    def __init__(self, job: "TrafficJob"):
        self.urls = [urllib.parse.urlsplit(page) for page in job["pages"]]
        self.patience = job["patience"]
        self.began = time.monotonic()
        self.is_heard = True
        self.context = ssl.create_default_context()
        # As for the readiness: names are checked by the diagnosis, which says more.
        self.context.check_hostname = False
        if not job["verify"]:
            self.context.verify_mode = ssl.CERT_NONE
        if job["client"]:
            self.context.load_cert_chain(job["client"]["certificate"], job["client"]["key"])

    def say(self, **event):
        """A line in one write: others write theirs at the same time."""
        try:
            os.write(1, json.dumps(event).encode() + b"\n")
        except OSError:
            self.is_heard = False

    def since(self, moment):
        return round(moment - self.began, 4)

    def answer(self, page):
        """The status of a page of which the whole answer came."""
        url = self.urls[page]
        begin = time.monotonic()
        name, port = url.hostname or "", url.port
        connection = http.client.HTTPConnection(name, port, timeout=self.patience)
        if url.scheme == "https":
            connection = http.client.HTTPSConnection(name, port, timeout=self.patience, context=self.context)
        try:
            path = url.path + (f"?{url.query}" if url.query else "")
            connection.request("GET", path, headers={"User-Agent": "stagectl", "Accept": "*/*"})
            answer = connection.getresponse()
            read, piece = 0, b"."
            while piece and read < MOST:
                if time.monotonic() - begin > self.patience:
                    raise socket.timeout
                piece = answer.read1(PIECE)
                read += len(piece)
            if not piece and answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            return answer.status
        finally:
            connection.close()

    def ask(self, page):
        """When a page was asked, how long it took, and what came."""
        begin = time.monotonic()
        try:
            said = {"status": self.answer(page)}
        except (OSError, http.client.HTTPException) as error:
            said = {"away": in_words(error)}
        end = time.monotonic()
        return {"at": self.since(begin), "took": self.since(end) - self.since(begin), **said}

    def first_answers(self):
        """The pages that are asked from now on."""
        asked = []
        for page in range(len(self.urls)):
            seen = self.ask(page)
            self.say(first=page, **seen)
            if page == 0 or seen.get("status", ERROR) < ERROR:
                asked.append(page)
        return asked

    def visit(self, pages, pace, gate):
        """Asks one page after the other until the gate is opened; who waits for an answer then goes on waiting for it."""
        waiting: list = []
        due = time.monotonic()
        number = 0
        while self.is_heard:
            page = pages[number % len(pages)]
            thread = threading.Thread(target=lambda page=page: self.say(page=page, **self.ask(page)), daemon=True)
            thread.start()
            number += 1
            waiting = [other for other in waiting if other.is_alive()] + [thread]
            # What was missed is not made up for.
            due = max(due + pace, time.monotonic())
            if select.select([gate], [], [], max(0.0, due - time.monotonic()))[0]:
                break
        for thread in waiting:
            thread.join(2 * self.patience)


def main():
    job: TrafficJob = json.load(sys.stdin)
    gate = opened_gate()
    visitor = Visitor(job)
    visitor.say(began=True)
    pages = visitor.first_answers() if job["first"] else list(range(len(job["pages"])))
    visitor.say(asks=True)
    visitor.visit(pages, job["pace"], gate)
    os.close(gate)


if __name__ == "__main__":
    main()
