"""`said.py`: what log files say, and how long they are."""

import json
import os
import unittest

import programs
import said


class Lines(programs.OnAHost):
    def lines(self, content, skip=0):
        path = self.file("/log", content)
        with open(path, "rb") as file:
            return list(said.lines(file, os.path.getsize(path), skip))

    def test_what_was_there_before_is_skipped(self):
        self.assertEqual(self.lines("old\nnew\n", 4), [b"new", b""])

    def test_a_file_that_is_shorter_than_it_was_has_begun_anew(self):
        self.assertEqual(self.lines("new\n", 100), [b"new", b""])

    def test_of_a_long_file_the_beginning_and_the_end_are_told_in_whole_lines(self):
        text = "".join(f"{number:09}\n" for number in range(300_000))
        lines = self.lines(text)
        self.assertEqual((lines[0], lines[-2], lines[-1]), (b"000000000", b"000299999", b""))
        self.assertTrue(all(len(line) == 9 for line in lines[:-1]))
        self.assertLessEqual(sum(len(line) + 1 for line in lines), said.MOST + 1)


class Said(programs.OnAHost):
    def read_logs(self, **job):
        outcome = self.program("said.py", {"files": [], "written": [], "skip": {}, **job})
        self.assertEqual(outcome.stderr, "")
        return [json.loads(line) for line in outcome.stdout.splitlines()]

    def test_lines_have_their_source_and_empty_ones_are_left_out(self):
        path = self.file("/srv/app.log", "one\r\n\ntwo\n")
        lines = self.read_logs(files=[["app", f"{self.root}/srv/*.log"]])
        self.assertEqual(lines, [{"source": "app", "path": path, "text": text} for text in ("one", "two")])

    def test_access_logs_are_nobodys_words(self):
        self.file("/srv/access.log", "GET /\n")
        self.assertEqual(self.read_logs(files=[["app", f"{self.root}/srv/*.log"]]), [])

    def test_a_file_that_two_patterns_name_is_told_once(self):
        self.file("/srv/app.log", "one\n")
        lines = self.read_logs(files=[["first", f"{self.root}/srv/app.log"], ["second", f"{self.root}/srv/*.log"]])
        self.assertEqual([line["source"] for line in lines], ["first"])

    def test_logs_below_a_folder_count_when_the_host_has_begun_and_they_are_younger(self):
        old = self.file("/data/old.log", "old\n")
        os.utime(old, (0, 0))
        new = self.file("/data/below/new.log", "new\n")
        self.file("/data/new.txt", "no log\n")
        self.assertEqual(self.read_logs(written=[f"{self.root}/data"]), [])
        ready = self.file("/run/stagectl.ready")
        os.utime(ready, (1_000, 1_000))
        lines = self.read_logs(written=[f"{self.root}/data"])
        self.assertEqual(lines, [{"source": new, "path": new, "text": "new"}])

    def test_a_pipe_keeps_nobody_waiting(self):
        os.mkfifo(self.root / "pipe.log")
        self.assertEqual(self.read_logs(files=[["app", f"{self.root}/pipe.log"]]), [])

    def test_sizes_alone(self):
        path = self.file("/srv/app.log", "four")
        lines = self.read_logs(files=[["app", path]], sizes=True)
        self.assertEqual(lines, [{"path": path, "size": 4}])

    def test_a_line_has_a_bound_and_bytes_that_are_no_text_do_no_harm(self):
        path = self.file("/srv/app.log")
        with open(path, "wb") as file:
            file.write(b"\xff" * (said.LONGEST + 10) + b"\n")
        [line] = self.read_logs(files=[["app", path]])
        self.assertEqual(line["text"], "\N{REPLACEMENT CHARACTER}" * said.LONGEST)


if __name__ == "__main__":
    unittest.main()
