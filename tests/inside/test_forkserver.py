"""Programs that are run without an interpreter's start for each, and commands that wait at their gates."""

import json
import os
import resource
import select
import struct
import subprocess
import sys
import unittest

import programs

REQUEST, ANSWER = struct.Struct(">III"), struct.Struct(">IBI")
BEGUN, OUT, ERR, ENDED = range(4)
PATIENCE = 30.0


class Forkserver(programs.OnAHost):
    def setUp(self):
        super().setUp()
        for path in programs.FOLDER.rglob("*.py"):
            self.installed(str(path.relative_to(programs.FOLDER)))
        self.file("/run/stagectl.ready")
        self.start()

    def start(self, **options):
        program = str(self.root / "programs/forkserver.py")
        self.server = subprocess.Popen([sys.executable, "-I", "-S", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       bufsize=0, **options)
        assert self.server.stdin and self.server.stdout
        self.given, self.said = self.server.stdin, self.server.stdout
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        self.addCleanup(self.said.close)
        self.addCleanup(self.given.close)

    def ask(self, number, program, given):
        path = str(self.root / "programs" / program).encode()
        given = given.encode()
        self.given.write(REQUEST.pack(number, len(path), len(given)) + path + given)
        self.given.flush()

    def answer(self):
        """The next answer; a server that says nothing fails the test."""
        self.assertTrue(select.select([self.said], [], [], PATIENCE)[0], "no answer")
        number, kind, size = ANSWER.unpack(self.read(ANSWER.size))
        return number, kind, self.read(size).decode()

    def read(self, size):
        found = b""
        while len(found) < size:
            piece = self.said.read(size - len(found))
            self.assertTrue(piece, "the server has ended")
            found += piece
        return found

    def answers_until(self, *wanted):
        """All answers until each of these has come, in whatever order."""
        found: list[tuple[int, int, str]] = []
        while not set(wanted) <= set(found):
            found.append(self.answer())
        return found

    def outcome(self, number):
        """What a program said, of both kinds, and its code."""
        said = {OUT: "", ERR: ""}
        while True:
            of, kind, content = self.answer()
            self.assertEqual(of, number)
            if kind == ENDED:
                return said[OUT], said[ERR], int(content)
            if kind != BEGUN:
                said[kind] += content

    def job(self, command, **more):
        return json.dumps({"command": command, "env": {"A": "b"}, "folder": "/", "timeout": 20, **more})

    def test_a_program_has_its_input_its_output_and_its_code(self):
        self.ask(1, "step.py", self.job("echo $A; echo problem >&2; exit 3"))
        self.assertEqual(self.outcome(1), ("b\nproblem\n", "", 3))
        # And the next one nothing of the first.
        self.ask(2, "step.py", self.job("ls /proc/self/fd | wc -l; kill -9 $$"))
        out, err, code = self.outcome(2)
        plain = subprocess.run(["sh", "-c", "ls /proc/self/fd | wc -l"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual((out, err, code), (plain.stdout, "", 137))

    def test_what_goes_on_behind_a_program_is_not_waited_for(self):
        self.ask(1, "step.py", self.job("sleep 60 & echo $!"))
        out, _, code = self.outcome(1)
        self.assertEqual(code, 0)
        os.kill(int(out), 9)

    def test_programs_run_beside_each_other_and_a_broken_one_is_its_own_affair(self):
        os.mkfifo(self.root / "pipe")
        self.ask(1, "step.py", self.job("read line < pipe; echo $line", folder=str(self.root)))
        self.assertEqual(self.answer()[:2], (1, BEGUN))
        self.ask(2, "nothing.py", "")
        out, err, code = self.outcome(2)
        self.assertEqual((out, code), ("", 1))
        self.assertIn("nothing.py", err)
        with open(self.root / "pipe", "w") as pipe:
            pipe.write("hello\n")
        self.assertEqual(self.outcome(1), ("hello\n", "", 0))

    def test_where_nothing_more_can_be_opened_that_is_said(self):
        # Its input and outputs, what it waits with, and one for what it reads at its start.
        few = 7
        self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
        self.ask(1, "step.py", self.job("true"))
        out, err, code = self.outcome(1)
        self.assertEqual((out, code), ("", 126))
        self.assertIn("Too many open files", err)

    def test_it_ends_with_its_input_when_its_programs_have_ended(self):
        os.mkfifo(self.root / "pipe")
        self.ask(1, "step.py", self.job("read line < pipe; echo $line", folder=str(self.root)))
        self.assertEqual(self.answer()[:2], (1, BEGUN))
        self.given.close()
        with open(self.root / "pipe", "w") as pipe:
            pipe.write("hello\n")
        self.assertEqual(self.outcome(1), ("hello\n", "", 0))
        self.assertEqual(self.server.wait(PATIENCE), 0)

    def test_a_held_command_goes_on_gate_by_gate(self):
        wait = "dd bs=1 count=1 <&$STAGECTL_GATE 2>&-"
        command = f"echo before; {wait} | tr '!' 1; {wait} | tr '!' 2"
        self.ask(1, "step.py", self.job(command, held=True))
        said = {self.answer(), self.answer(), self.answer()}
        self.assertEqual(said, {(1, BEGUN, ""), (1, ERR, "held\n"), (1, OUT, "before\n")})
        self.ask(2, "release.py", '"open"')
        first = self.answers_until((2, ENDED, "0"), (1, OUT, "1"))
        self.assertCountEqual(first, [(2, BEGUN, ""), (2, ENDED, "0"), (1, OUT, "1")])
        self.ask(3, "release.py", '"open"')
        second = self.answers_until((3, ENDED, "0"), (1, ENDED, "0"))
        self.assertCountEqual(second, [(3, BEGUN, ""), (3, ENDED, "0"), (1, OUT, "2"), (1, ENDED, "0")])
        # It has ended: nobody waits at the gate any more.
        self.ask(4, "release.py", '"open"')
        self.assertEqual(self.outcome(4), ("", "", 0))

    def test_a_held_command_that_nobody_needs_is_ended(self):
        self.ask(1, "step.py", self.job("sleep 60", held=True))
        self.assertEqual({self.answer(), self.answer()}, {(1, BEGUN, ""), (1, ERR, "held\n")})
        self.ask(2, "release.py", '"end"')
        self.answers_until((1, ENDED, "137"), (2, ENDED, "0"))

    def test_a_held_command_may_take_its_time_until_its_first_gate(self):
        self.ask(1, "step.py", self.job("dd bs=1 count=1 <&$STAGECTL_GATE 2>&-; sleep 60", held=True, timeout=0.2))
        self.assertEqual({self.answer(), self.answer()}, {(1, BEGUN, ""), (1, ERR, "held\n")})
        self.assertEqual(select.select([self.said], [], [], 0.5)[0], [])
        self.ask(2, "release.py", '"open"')
        self.answers_until((1, ENDED, "124"), (2, ENDED, "0"))


if __name__ == "__main__":
    unittest.main()
