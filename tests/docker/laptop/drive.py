"""A person at a terminal: starts a command in one of its own, types, changes its size, and says what became
of it. Its arguments are the command; it fails where something is not shown."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 60.0


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Person:
    def __init__(self, argv):
        self.seen = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)
        resize(self.terminal, 31, 117)

    def read(self):
        if not select.select([self.terminal], [], [], 1.0)[0]:
            return True
        try:
            piece = os.read(self.terminal, 4096)
        except OSError:  # nobody has the other end any more
            return False
        self.seen += piece
        return bool(piece)

    def sees(self, text):
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.seen:
            if time.monotonic() > end or not self.read():
                sys.exit(f"never saw {text!r} in {self.seen!r}")
        self.seen = self.seen.split(text.encode(), 1)[1]

    def types(self, text):
        os.write(self.terminal, text.encode())

    def ended(self):
        end = time.monotonic() + PATIENCE
        while self.read():
            if time.monotonic() > end:
                sys.exit(f"it does not end: {self.seen!r}")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


person = Person(sys.argv[1:])
# What is typed is echoed: what a command makes of it looks different.
person.types("echo at-$((20 + 22))\n")
person.sees("at-42")
person.types("stty size\n")
person.sees("31 117")
resize(person.terminal, 50, 90)
person.types("while [ \"$(stty size)\" != '50 90' ]; do :; done; echo resized-$((1 + 1))\n")
person.sees("resized-2")
person.types("echo ready-$((1 + 1)); cat\n")
person.sees("ready-2")
person.types("wor\x7f\x7f\x7fhello\n")
person.sees("hello\r\nhello")
person.types("\x03")
# What is typed before the next prompt goes with the interrupt.
person.sees("^C")
person.sees("$ ")
person.types("echo alive-$((1 + 1)) $?\n")
person.sees("alive-2 130")
person.types("exit 7\n")
code = person.ended()
if code != 7:
    sys.exit(f"it ended with {code}: {person.seen!r}")
print("as it should be")
