"""`serve.py`, `network.py` and `weather.py`: when a site is ready, what leads out, and what weather does to bytes."""

import http.server
import json
import os
import signal
import socket
import struct
import threading
import time
import unittest
from unittest import mock

import network
import programs
import serve
import weather

PLAIN = socket.socket


class Differences(unittest.TestCase):
    def test_the_first_member_that_is_not_as_described_is_told_with_its_path(self):
        wanted = {"database": {"up": True}, "cache": "ok"}
        self.assertIsNone(serve.differences(wanted, {"database": {"up": True, "more": 1}, "cache": "ok"}))
        self.assertEqual(serve.differences(wanted, {"database": {"up": False}}), "`database.up` is false, expected true")
        self.assertEqual(serve.differences(wanted, {"database": {"up": True}}), "`cache` is not in the answer")
        self.assertEqual(serve.differences(wanted, [1]), "`.` is [1], expected an object")
        self.assertEqual(serve.differences(wanted, {"database": 3}), "`database` is 3, expected an object")


class Site(http.server.BaseHTTPRequestHandler):
    answers = {
        "/healthz": (200, b'{"database": true}'),
        "/broken": (500, b"<p>No <b>database</b></p>"),
        "/text": (200, b"all is well"),
    }

    def do_GET(self):
        if self.path == "/drops":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b".")
                    time.sleep(0.05)
            except OSError:
                return
        status, body = self.answers.get(self.path.split("?")[0], (404, b""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Attempt(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def attempt(self, path, **probe):
        url = f"http://127.0.0.1:{self.server.server_port}{path}"
        status, problem = serve.attempt_in_time({"url": url, "status": 200, **probe})
        return status, problem and problem.replace(url, "URL"), getattr(problem, "quoted", None)

    def test_a_site_that_answers_as_described_is_ready(self):
        self.assertEqual(self.attempt("/healthz?deep=1", json={"database": True}), (200, None, None))

    def test_what_the_site_says_of_itself_is_handed_over_apart(self):
        problem = "HTTP 500 Internal Server Error from URL, expected 200: "
        self.assertEqual(self.attempt("/broken"), (500, problem, "No database"))
        status, problem, quoted = self.attempt("/text", json={"database": True})
        self.assertEqual((problem, quoted), ("HTTP 200 OK from URL, but the answer is no JSON: ", "b'all is well'"))

    def test_a_member_that_differs_is_told(self):
        self.assertEqual(self.attempt("/healthz", json={"database": False})[1],
                         "HTTP 200 OK from URL, but `database` is true, expected false")

    def test_an_answer_that_comes_drop_by_drop_is_none(self):
        before = serve.WHOLE, signal.getsignal(signal.SIGALRM)
        self.addCleanup(setattr, serve, "WHOLE", serve.WHOLE)
        serve.WHOLE = 0.3
        with self.assertRaisesRegex(TimeoutError, r"no whole answer within 0\.3s"):
            self.attempt("/drops")
        self.assertEqual(signal.getsignal(signal.SIGALRM), before[1])


class Socket(programs.OnAHost):
    def test_a_unix_socket_is_for_everybody_and_takes_the_place_of_an_old_one(self):
        path = self.file("/run/app.sock")
        opened = serve.opened_for_all(path)
        self.addCleanup(opened.close)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o666)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


class Listening(unittest.TestCase):
    def test_a_port_that_is_open_is_seen_with_who_holds_it(self):
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            opened.listen()
            port = opened.getsockname()[1]
            self.assertTrue(serve.listeners()[port] & serve.held_by(os.getpid()))
        self.assertNotIn(port, serve.listeners())


class Network(unittest.TestCase):
    def resolver(self, answer):
        """A resolver that answers one question, and its address."""
        server = PLAIN(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve_once():
            query, client = server.recvfrom(4096)
            server.sendto(answer(query), client)

        threading.Thread(target=serve_once, daemon=True).start()
        port = server.getsockname()[1]

        class Redirected(PLAIN):
            """Asks there instead of at port 53."""

            def connect(self, address):
                super().connect((address[0], port))

        patch = mock.patch.object(network.socket, "socket", Redirected)
        patch.start()
        self.addCleanup(patch.stop)
        return "127.0.0.1"

    def test_a_question_is_one_of_the_protocol(self):
        query = network.question("who.example")
        self.assertEqual(query[2:12], struct.pack(">5H", 0x0100, 1, 0, 0, 0))
        self.assertEqual(query[12:], b"\3who\7example\0\0\x10\0\1")

    def test_only_the_record_that_the_sites_resolver_has_will_do(self):
        text = b"\x05proof"
        resolver = self.resolver(lambda query: query[:2] + b"\x81\x80" + query[4:] + text)
        self.assertIsNone(network.ask(resolver, "who.example", "proof"))
        resolver = self.resolver(lambda query: query[:2] + b"\x81\x83" + query[4:])
        self.assertEqual(network.ask(resolver, "who.example", "proof"),
                         "its answer, with code 3, is not the site's resolver's")


class Weather(unittest.TestCase):
    def test_a_narrow_line_takes_one_byte_after_the_other(self):
        line = weather.Line(1000)
        self.assertEqual([len(piece) for piece in line.pieces(b"x" * 50)], [20, 20, 10])
        self.assertEqual([line.through(5.0, 500), line.through(5.0, 500), line.through(9.0, 100)], [5.5, 6.0, 9.1])

    def test_a_line_without_a_rate_is_no_line_at_all(self):
        line = weather.Line(None)
        self.assertEqual((line.pieces(b"xyz"), line.through(5.0, 1 << 30)), ([b"xyz"], 5.0))

    def test_a_description_may_say_nothing(self):
        fair = weather.Weather({"address": "10.0.0.1"})
        self.assertEqual((fair.latency, fair.loss, fair.cut_after, fair.is_black_hole), (0.0, 0.0, None, False))

    def test_bytes_under_way_are_known(self):
        near, far = socket.socketpair()
        with near, far:
            near.sendall(json.dumps({"x": 1}).encode())
            self.assertTrue(weather.is_under_way(near))
            far.recv(100)
            self.assertFalse(weather.is_under_way(near))


if __name__ == "__main__":
    unittest.main()
