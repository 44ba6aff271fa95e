"""Connections to addresses of the loopback come out of `relay.py` as frames, and frames go into them."""

import json
import socket
import struct
import subprocess
import sys
import unittest

import programs

HEAD = struct.Struct(">cII")
ADDRESS = "127.0.71.1"


def free_port():
    with socket.create_server((ADDRESS, 0)) as server:
        return server.getsockname()[1]


class Relay:
    """The program with one place that it listens on."""

    def __enter__(self):
        self.port = free_port()
        place = {"address": ADDRESS, "port": self.port, "place": "www.a.example:443"}
        self.process = subprocess.Popen(
            [sys.executable, str(programs.FOLDER / "relay.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout
        self.input.write(json.dumps({"places": [place]}).encode() + b"\n")
        self.input.flush()
        assert self.frame() == (b"L", 0, b"")
        return self

    def __exit__(self, *_):
        self.input.close()
        self.code = self.process.wait(10)
        self.output.close()

    def frame(self):
        kind, number, length = HEAD.unpack(self.output.read(HEAD.size))
        return kind, number, self.output.read(length)

    def say(self, kind, number, payload=b""):
        self.input.write(HEAD.pack(kind, number, len(payload)) + payload)
        self.input.flush()

    def connect(self):
        return socket.create_connection((ADDRESS, self.port), 10)


class TestRelay(unittest.TestCase):
    def test_what_both_ends_say_is_carried_until_both_have_said_all(self):
        with Relay() as relay, relay.connect() as connection:
            self.assertEqual(relay.frame(), (b"O", 1, b"www.a.example:443"))
            connection.sendall(b"question")
            self.assertEqual(relay.frame(), (b"D", 1, b"question"))
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(relay.frame(), (b"D", 1, b""))
            relay.say(b"D", 1, b"answer")
            relay.say(b"D", 1)
            self.assertEqual(connection.recv(100), b"answer")
            self.assertEqual(connection.recv(100), b"")
        self.assertEqual(relay.code, 0)

    def test_two_connections_do_not_meet(self):
        with Relay() as relay, relay.connect() as one:
            self.assertEqual(relay.frame()[:2], (b"O", 1))
            with relay.connect() as two:
                self.assertEqual(relay.frame()[:2], (b"O", 2))
                relay.say(b"D", 2, b"two")
                relay.say(b"D", 1, b"one")
                self.assertEqual((one.recv(100), two.recv(100)), (b"one", b"two"))

    def test_nobody_at_the_other_end_is_a_connection_that_breaks(self):
        with Relay() as relay, relay.connect() as connection:
            relay.frame()
            relay.say(b"R", 1)
            with self.assertRaises(ConnectionResetError):
                connection.recv(100)


if __name__ == "__main__":
    unittest.main()
