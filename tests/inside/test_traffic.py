"""`traffic.py`: what a visitor sees of a site that is well, wrong or away, and when it ends."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import unittest

import programs
import traffic


class Site(http.server.BaseHTTPRequestHandler):
    answers = {"/": 200, "/moved": 302, "/broken": 500}

    def do_GET(self):
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            return
        self.send_response(self.answers.get(self.path.split("?")[0], 404))
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Visit(programs.OnAHost):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def job(self, *paths, **more):
        pages = [f"http://127.0.0.1:{self.server.server_port}{path}" for path in paths]
        return {"pages": pages, "first": True, "pace": 0.01, "patience": 5.0, "verify": False, "client": None, **more}

    def seen(self, path, **more):
        return traffic.Visitor(self.job(path, **more)).ask(0)

    def test_an_answer_has_its_status_and_a_redirect_is_one(self):
        for path, status in [("/", 200), ("/?a=b", 200), ("/moved", 302), ("/broken", 500), ("/none", 404)]:
            self.assertEqual(self.seen(path)["status"], status)

    def test_what_is_no_whole_answer_is_away_for_one_of_a_few_reasons(self):
        self.assertEqual(self.seen("/cut")["away"], "connection closed")
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            page = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            self.assertEqual(self.seen("/", pages=[page], patience=0.2)["away"], "no answer in time")
        self.assertEqual(self.seen("/", pages=[page])["away"], "connection refused")
        plain = self.job("/")["pages"][0].replace("http:", "https:")
        self.assertEqual(self.seen("/", pages=[plain])["away"], "no TLS")

    def test_it_asks_one_page_after_the_other_until_it_is_told_to_rest(self):
        job = self.job("/broken", "/", "/none", "/moved")
        for path in programs.FOLDER.rglob("*.py"):
            self.installed(str(path.relative_to(programs.FOLDER)))
        command = [sys.executable, "-I", "-S", str(self.root / "programs" / "traffic.py")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as visitor:
            self.addCleanup(visitor.kill)
            assert visitor.stdin and visitor.stdout
            visitor.stdin.write(json.dumps(job))
            visitor.stdin.close()
            self.assertEqual(json.loads(visitor.stdout.readline()), {"began": True})
            first = [json.loads(visitor.stdout.readline()) for _ in range(4)]
            self.assertEqual([line["status"] for line in first], [500, 200, 404, 302])
            self.assertEqual(visitor.stdout.readline(), '{"asks": true}\n')
            asked = [json.loads(visitor.stdout.readline()) for _ in range(9)]
            rest = self.program("release.py", "rest")
            self.assertEqual(rest.returncode, 0, rest.stderr)
            asked += [json.loads(line) for line in visitor.stdout]
            self.assertEqual(visitor.wait(timeout=60), 0)
        asked.sort(key=lambda line: line["at"])
        self.assertEqual([line["page"] for line in asked[:6]], [0, 1, 3, 0, 1, 3])
        statuses = {0: 500, 1: 200, 3: 302}
        self.assertTrue(all(line["status"] == statuses[line["page"]] for line in asked), asked)

    def test_a_visitor_whom_nobody_hears_ends(self):
        visitor = traffic.Visitor(self.job("/"))
        gate, other = os.pipe()
        self.addCleanup(os.close, gate)
        self.addCleanup(os.close, other)

        def unheard(**_):
            visitor.is_heard = False
        visitor.say = unheard  # type: ignore[method-assign]
        visitor.visit([0], 0.01, gate)
        self.assertFalse(visitor.is_heard)


if __name__ == "__main__":
    unittest.main()
