"""What is made of what a site, its system and its logs say: `page.py`, `machine.py`, `follow.py`, `checks/logs.py`."""

import json
import os
import time
import unittest

import follow
import machine
import page
import programs
from checks import Wrong, logs


class Page(unittest.TestCase):
    def words(self, status, body=b"", **headers):
        return page.in_words(status, {key.replace("_", "-"): value for key, value in headers.items()}, body)

    def test_a_redirect_says_where_it_leads(self):
        self.assertEqual(self.words(302, b"<p>here", Location="/login"), (", it leads to ", "/login"))

    def test_of_html_the_text_is_told_without_scripts_and_marks(self):
        body = b"<html><style>p {}</style><!-- x --><script>x()</script><p>No &lt;database&gt;\n here</p>"
        self.assertEqual(self.words(500, body, Content_Type="text/html"), (": ", "No <database> here"))

    def test_the_status_in_title_and_heading_says_nothing_new(self):
        body = b"<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><hr>nginx/1.22.1"
        self.assertEqual(self.words(502, body), ("", ""))
        self.assertEqual(self.words(403, b"403 Forbidden: not for you"), (": ", ": not for you"))

    def test_a_long_page_is_cut_at_a_letter(self):
        joined, text = self.words(500, ("\N{EURO SIGN}" * page.MOST).encode())
        self.assertEqual((joined, set(text)), (": ", {"\N{EURO SIGN}"}))
        self.assertLessEqual(len(text.encode()), page.MOST)


class Machine(unittest.TestCase):
    def test_only_what_is_installed_is_a_package(self):
        found: list = []
        machine.take({"Package": "a", "Version": "1", "Status": "install ok installed"}, found)
        machine.take({"Package": "b", "Version": "1", "Status": "deinstall ok config-files"}, found)
        machine.take({}, found)
        self.assertEqual(found, ["a=1"])

    def test_the_facts_of_this_machine_are_text(self):
        facts = machine.facts()
        self.assertTrue(all(isinstance(facts[key], str) for key in ("system", "architecture", "python", "openssl", "libc")))
        self.assertEqual(facts["packages"], sorted(facts["packages"]))


class Moments(unittest.TestCase):
    def test_each_servers_way_to_write_a_time(self):
        wanted = 1_764_410_583.0
        table = {
            "[2025-11-29 10:03:03 +0000] [7] [INFO] Booting": wanted,
            "2025/11/29 11:03:03+01:00 [error] 7#7: *1": wanted,
            '1.2.3.4 - - [29/Nov/2025:05:33:03 -0430] "GET / HTTP/1.1"': wanted,
            "2025-11-29T10:03:03.250Z begun": wanted + 0.25,
            "2025-11-29 10:03:03,500 +00:00 begun": wanted + 0.5,
        }
        for line, moment in table.items():
            self.assertEqual(follow.moment(line), moment, line)
        local = time.mktime((2025, 11, 29, 10, 3, 3, 0, 0, -1))
        self.assertEqual(follow.moment("[Sat Nov 29 10:03:03.000001 2025] [wsgi:error]"), local + 0.000001)

    def test_what_is_no_time_is_none(self):
        for line in ("", "Traceback", "2025-13-45 10:03:03Z", "at 12:00", "x" * 300 + " 2025-11-29 10:03:03"):
            self.assertIsNone(follow.moment(line), line)


class Follow(programs.OnAHost):
    def test_lines_come_with_their_time_and_those_without_one_belong_to_the_line_before(self):
        path = self.file("/log", "2025-11-29 10:00:00Z one\n  more\n2025-11-29 10:00:05Z two\n")
        job = {"files": [["wsgi", path]], "since": None, "follow": False}
        outcome = self.program("follow.py", None, input=json.dumps(job) + "\n", env={"TZ": "UTC"})
        lines = [json.loads(line) for line in outcome.stdout.splitlines()]
        self.assertEqual([line.get("text") for line in lines],
                         ["2025-11-29 10:00:00Z one", "  more", "2025-11-29 10:00:05Z two", None])
        self.assertEqual(lines[0]["at"], lines[1]["at"])
        self.assertEqual(lines[2]["at"] - lines[0]["at"], 5)
        self.assertEqual(lines[3], {"live": True})


class Alarms(programs.OnAHost):
    def quiet(self, *lines):
        path = self.file("/log", "".join(f"{line}\n" for line in lines))
        return logs.quiet({"logs": [path, f"{path}.none"]})

    def test_what_was_said_before_is_not_judged_again(self):
        before = "Traceback (most recent call last):\nValueError: of old\n"
        path = self.file("/log", before + "begun\n")
        self.assertEqual(logs.quiet({"logs": [path], "seen": {path: len(before)}}), "1 logs")
        with self.assertRaises(Wrong):
            logs.quiet({"logs": [path], "seen": {f"{path}.other": len(before)}})
        # It was begun anew, and is shorter than it was.
        with self.assertRaises(Wrong):
            logs.quiet({"logs": [path], "seen": {path: 4096}})

    def test_a_quiet_log_is_one_even_where_it_is_not_there(self):
        self.assertEqual(self.quiet("begun", "GET / 200"), "2 logs")

    def test_a_traceback_is_told_with_the_error_at_its_end(self):
        with self.assertRaisesRegex(Wrong, r"Traceback \(most recent call last\): ValueError: no$"):
            self.quiet("Traceback (most recent call last):", '  File "x"', "ValueError: no", "later")

    def test_what_a_proxy_says_before_the_server_listens_is_no_alarm(self):
        refused = "connect() failed (111: Connection refused) while connecting to upstream"
        self.assertEqual(self.quiet(f"[crit] 7#7: {refused}"), "2 logs")
        self.assertEqual(self.quiet("[crit] connect() to unix:/run/app.sock failed (2: No such file) while connecting "
                                    "to upstream"), "2 logs")

    def test_apaches_prefix_is_taken_away_from_what_the_app_says(self):
        path = self.file("/log", "[Sat] [wsgi:error] [pid 7] KeyError: 'x'\n[Sat] [core:notice] kept\n")
        self.assertEqual(logs.read(path), ["KeyError: 'x'", "[Sat] [core:notice] kept"])
        self.assertEqual(logs.last_error({"logs": [path]}), "KeyError: 'x'")
        os.unlink(path)
        self.assertIsNone(logs.last_error({"logs": [path]}))


if __name__ == "__main__":
    unittest.main()
