"""The checks of the diagnosis, one by one: what is as described, and in which words what is not."""

import http.server
import ipaddress
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

import diagnose
import page
import programs
from checks import Wrong, answers, certificates, host, names, processes, services, units


class Perform(unittest.TestCase):
    def test_a_check_that_breaks_is_a_failed_check(self):
        def broken():
            raise KeyError("key")

        def wrong():
            raise Wrong("found: ", "what the site said")

        results = [diagnose.perform("x", call) for call in (lambda: "well", wrong, broken)]
        told = [(result["passed"], result["detail"], result["quoted"]) for result in results]
        self.assertEqual(told, [(True, "well", ""), (False, "found: ", "what the site said"), (False, "KeyError: 'key'", "")])

    def test_a_check_that_hangs_gives_its_place_away(self):
        self.addCleanup(setattr, diagnose, "CHECK", diagnose.CHECK)
        diagnose.CHECK = 0.1
        places, hanging = threading.Semaphore(1), threading.Event()
        self.addCleanup(hanging.set)
        checks = [diagnose.Running("hangs", hanging.wait, places), diagnose.Running("goes on", lambda: "well", places)]
        threading.Thread(target=lambda: [check.begin() for check in checks], daemon=True).start()
        outcomes = [check.outcome() for check in checks]
        self.assertEqual(outcomes[0]["detail"], "it did not end within 0.1s")
        self.assertTrue(outcomes[1]["passed"])


class Greeting(programs.OnAHost):
    def greeted(self, kind, answer, hello=b""):
        """What is said of a service that answers so at a unix socket."""
        path = str(self.root / "service.sock")
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(path)
        server.listen()
        heard = []

        def serve():
            connection, _ = server.accept()
            with connection:
                if hello:
                    heard.append(connection.recv(len(hello)))
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            return services.answers_by({"kind": kind}, path)
        finally:
            thread.join(10)
            self.assertEqual(heard, [hello] if hello else [])

    def test_redis_is_greeted_and_answers(self):
        self.assertIn("service.sock of ", self.greeted("redis", b"+PONG\r\n", b"PING\r\n"))

    def test_mariadb_speaks_first_by_its_socket_too(self):
        self.assertIn("service.sock of ", self.greeted("mariadb", b"\x4a\0\0\0\x0a11.4"))

    def test_another_service_at_the_socket_is_found(self):
        with self.assertRaisesRegex(Wrong, "answers b'SSH-2.0'"):
            self.greeted("mariadb", b"SSH-2.0")

    def test_a_socket_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(Wrong, "No such file"):
            services.answers_by({"kind": "redis"}, str(self.root / "none.sock"))


class Late(unittest.TestCase):
    def test_an_answer_before_its_time_means_no_weather(self):
        self.assertEqual(services.as_late_as_described("db:5432", {}, 0.001), "")
        self.assertEqual(services.as_late_as_described("db:5432", {"latency": 0.1}, 0.25), ", first answer after 250 ms")
        with self.assertRaisesRegex(Wrong, "after 50 ms; with its latency it would be 200 ms at least"):
            services.as_late_as_described("db:5432", {"latency": 0.1}, 0.05)


class Certificates(unittest.TestCase):
    def test_what_is_described_to_be_wrong_excuses_that_and_no_more(self):
        def excused(wrong, code):
            return certificates.excused({"wrong": wrong}, code)

        self.assertTrue(excused(["time"], 10))
        self.assertFalse(excused(["time"], 20))
        self.assertTrue(excused(["chain"], 20))  # whose intermediate is missing has no issuer at hand
        self.assertTrue(excused(["form"], 67))
        self.assertFalse(excused([], 62))

    def described(self, **changes):
        return {"names": ["a.example"], "sent": 2, "key": {"rsa": True, "bits": 2048}, "self_signed": False,
                "from": None, "until": None, **changes}

    def leaf(self, **changes):
        return {"names": ["a.example"], "rsa": True, "bits": 2048, "subject": "CN=a", "issuer": "CN=b", "from": 0,
                "until": time.time() + 100, "not_before": "then", "not_after": "later", **changes}

    def test_each_difference_has_its_words(self):
        certificates.compare(self.described(), self.leaf(), 2)
        table: list = [
            ({}, {"names": ["b.example"]}, 2, "it is for b.example, described a.example"),
            ({}, {}, 1, "the site sends 1 certificates, described 2"),
            ({}, {"rsa": False, "bits": 256}, 2, "its key is ECDSA with 256 bits"),
            ({}, {"issuer": "CN=a"}, 2, "it was issued by CN=a, described as not self-signed"),
            ({"until": {"in": 864_000}}, {}, 2, "it is good from then to later, which is not as described"),
        ]
        for described, leaf, sent, words in table:
            with self.assertRaises(Wrong) as caught:
                certificates.compare(self.described(**described), self.leaf(**leaf), sent)
            self.assertEqual(str(caught.exception), words)
        certificates.compare(self.described(until={"in": 100}), self.leaf(), 2)

    def test_an_address_is_compared_as_everybody_writes_it(self):
        self.assertEqual(certificates.plain("2001:DB8:0:0::1"), str(ipaddress.ip_address("2001:db8::1")))
        self.assertEqual(certificates.plain("WWW.example"), "www.example")

    def test_what_openssl_says_of_a_certificate(self):
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a",
             "-addext", "subjectAltName=DNS:a.example,IP:10.0.0.1,email:x@a.example", "-days", "2", "-keyout", os.devnull],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        leaf = certificates.read(made.stdout.decode())
        self.assertEqual((leaf["names"], leaf["rsa"], leaf["bits"]), (["a.example", "10.0.0.1"], False, 256))
        self.assertEqual((leaf["subject"], leaf["issuer"]), ("CN=a", "CN=a"))
        self.assertAlmostEqual(leaf["until"] - leaf["from"], 2 * 86400, delta=1)


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = {"/moved": 301, "/broken": 500, "/down": 502}.get(self.path, 200)
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "https://a.example/")
        self.send_header("Strict-Transport-Security", "max-age=60")
        self.end_headers()
        self.wfile.write(b"no database" if status == 500 else b"")

    def log_message(self, *_):
        pass


class Answers(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.site = f"http://127.0.0.1:{self.server.server_port}"

    def wrong(self, call, *arguments):
        with self.assertRaises(Wrong) as caught:
            call(*arguments)
        return str(caught.exception) + caught.exception.quoted

    def test_plain_http_is_as_described_or_reported_where_nobody_described_it(self):
        def job(described, path):
            return {"plain_http": described, "names": [self.site[len("http://"):]], "prefix": path}

        self.assertEqual(answers.plain_http(job("redirect", "/moved")), "301 to https://a.example/")
        self.assertEqual(answers.plain_http(job(None, "/moved")), "301 to https://a.example/, as the live configuration has it")
        self.assertEqual(answers.plain_http(job("serve", "/")), "HTTP 200")
        self.assertIn("described as closed", self.wrong(answers.plain_http, job("closed", "/")))
        self.assertIn("expected a redirect to https", self.wrong(answers.plain_http, job("redirect", "/")))
        self.assertIn("expected the app", self.wrong(answers.plain_http, job("serve", "/moved")))

    def test_health_tells_what_the_page_says(self):
        job = {"health": {"url": f"{self.site}/broken", "status": 200}}
        self.assertEqual(self.wrong(answers.health, job), "HTTP 500, expected 200: no database")
        server = f"{Site.server_version} {Site.sys_version}"
        self.assertEqual(
            answers.health({"health": {"url": self.site, "status": 200}}), f"HTTP 200; server {server}; keys none")
        self.assertEqual(answers.keys(b'{"database": true, "cache": null}'), "cache database")
        self.assertEqual([answers.keys(body) for body in (b"well", b"[1]", b"{}")], ["none"] * 3)

    def test_hsts_is_the_described_one(self):
        job = {"hsts": {"url": self.site, "value": "max-age=60"}}
        self.assertEqual(answers.hsts(job), "max-age=60")
        job["hsts"]["value"] = "max-age=90"
        self.assertIn("is max-age=60, described max-age=90", self.wrong(answers.hsts, job))

    def test_a_closed_port_is_one(self):
        self.server.shutdown()
        self.server.server_close()
        job = {"plain_http": "closed", "names": [self.site[len("http://"):]], "prefix": "/"}
        self.assertEqual(answers.plain_http(job), "port 80 is closed")

    def test_folders_that_a_check_makes_are_known(self):
        self.assertEqual(answers.missing_above("/no/such/file"), ["/no/such", "/no"])
        self.assertEqual(page.MOST, 8 << 10)


class Facts(unittest.TestCase):
    def test_sizes_of_file_systems_are_bytes(self):
        def size(options):
            return host.size_of(("tmpfs", set(), set(options.split(","))))

        self.assertEqual([size("rw,size=64k"), size("size=1g"), size("size=4096"), size("rw")], [65536, 1 << 30, 4096, None])
        self.assertEqual([host.shown(65536), host.shown(None)], ["64 KiB", "no size"])

    def test_limits_are_those_of_the_live_process(self):
        job = {"process": os.getpid()}
        wanted = [str(number) for number in resource.getrlimit(resource.RLIMIT_NOFILE)]
        self.assertEqual(host.process_limits(job)["Max open files"], wanted)

    def test_a_name_of_this_machine_leads_there(self):
        self.assertIn("127.0.0.1", names.addresses("localhost", socket.AF_INET))
        nobody = mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "not known"))
        with nobody, self.assertRaisesRegex(Wrong, "who.example does not resolve"):
            names.addresses("who.example")

    def test_locales_are_compared_as_their_program_writes_them(self):
        self.assertEqual({processes.normal(name) for name in ("C.UTF-8", "C.utf8")}, {"c.utf8"})

    def test_a_timer_is_judged_by_its_code_and_its_words(self):
        log = tempfile.NamedTemporaryFile()  # noqa: SIM115 (until the end of the test)
        self.addCleanup(log.close)
        entry = {"log": log.name, "command": "echo it is late; exit 3", "env": {}, "folder": "/", "timeout": 20}
        with self.assertRaises(Wrong) as caught:
            units.timer({"user": None}, entry)
        self.assertEqual((str(caught.exception), caught.exception.quoted), ("it ended with code 3: ", "it is late"))
        self.assertEqual(units.timer({"user": None}, {**entry, "command": "true"}), "it ended with code 0")


class Clock(unittest.TestCase):
    def test_the_clock_is_asked_of_the_apps_python(self):
        job = {"python": sys.executable, "user": None}
        self.assertEqual(processes.said_by_the_python(job, "print(6 * 7)"), "42")
        with self.assertRaisesRegex(Wrong, "it ended with code 3"):
            processes.said_by_the_python(job, "raise SystemExit(3)")


if __name__ == "__main__":
    unittest.main()
