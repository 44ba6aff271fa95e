"""The shell scripts of a host: whose files are whose, who has ended, who trusts what."""

import os
import signal
import stat
import subprocess
import unittest

import programs


class Owners(programs.OnAHost):
    def test_files_get_their_mode_and_owner_and_a_link_keeps_its_own(self):
        me = f"{os.getuid()}:{os.getgid()}"
        plain, blank = self.file("/srv/plain", "x"), self.file("/srv/with a blank", "x")
        link = str(self.root / "srv/link")
        os.symlink("plain", link)
        lines = [f"0640 {me} {plain}", f"4755 {me} {blank}", f"0777 {me} {link}"]
        self.file("/opt/stagectl/owners.txt", "".join(f"{line}\n" for line in lines))
        self.assertEqual(self.shell("owners.sh").returncode, 0)
        modes = [oct(stat.S_IMODE(os.lstat(path).st_mode)) for path in (plain, blank)]
        self.assertEqual(modes, ["0o640", "0o4755"])
        self.assertTrue(os.path.islink(link))

    def test_a_file_that_is_not_there_is_told(self):
        self.file("/opt/stagectl/owners.txt", f"0640 {os.getuid()}:{os.getgid()} {self.root}/srv/nothing\n")
        outcome = self.shell("owners.sh")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("srv/nothing", outcome.stderr)


class Ended(programs.OnAHost):
    def test_who_runs_says_nothing_and_who_ended_has_a_code_or_a_question_mark(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        self.file("/run/stagectl.wsgi.pid", str(os.getpid()))
        self.file("/run/stagectl.nginx.pid", str(gone.pid))
        self.file("/run/stagectl.worker.pid", str(gone.pid))
        self.file("/run/stagectl.worker.code", "-9\n")
        self.assertEqual(self.shell("ended.sh").stdout, "nginx ?\nworker -9\n")

    def test_a_host_without_processes_has_nothing_to_say(self):
        outcome = self.shell("ended.sh")
        self.assertEqual((outcome.stdout, outcome.returncode), ("", 0))


class Trust(programs.OnAHost):
    BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

    def setUp(self):
        super().setUp()
        made = self.root / "opt/stagectl/root.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=root", "-days", "2", "-keyout", os.devnull, "-out", str(made)],
                       check=True, capture_output=True)
        self.pem = made.read_text()
        self.file(self.BUNDLE, "others\n")
        self.certifi = self.file("/srv/app/certifi/cacert.pem", "others\n")
        self.file("/opt/stagectl/bundles.txt", f"{self.certifi}\n")

    def test_the_root_is_in_the_systems_bundle_and_in_those_of_certifi_once(self):
        for _ in range(2):
            self.assertEqual(self.shell("trust.sh").returncode, 0)
        self.assertEqual(self.text(self.BUNDLE), "others\n" + self.pem)
        self.assertEqual(self.text("/srv/app/certifi/cacert.pem"), "others\n" + self.pem)
        links = [name for name in os.listdir(self.root / "etc/ssl/certs") if name.endswith(".0")]
        self.assertEqual(len(links), 1)

    def test_only_the_described_places_get_it(self):
        self.file("/opt/stagectl/trust.txt", f"{self.root}/opt/stagectl/root.pem certifi\n")
        self.shell("trust.sh")
        self.assertEqual(self.text(self.BUNDLE), "others\n")
        self.assertEqual(self.text("/srv/app/certifi/cacert.pem"), "others\n" + self.pem)

    def test_a_bundle_that_is_a_link_is_left_alone(self):
        elsewhere = self.file("/etc/elsewhere", "mine\n")
        os.unlink(self.certifi)
        os.symlink(elsewhere, self.certifi)
        self.shell("trust.sh")
        self.assertEqual(self.text("/etc/elsewhere"), "mine\n")


class Host(programs.OnAHost):
    def test_it_is_ready_when_files_have_owners_and_the_clock_is_set_and_ends_when_told(self):
        for name in ("owners.sh", "trust.sh"):
            self.file(f"/opt/stagectl/{name}", (programs.FOLDER / name).read_text().replace(
                "/opt/stagectl", f"{self.root}/opt/stagectl"))
        self.file("/opt/stagectl/owners.txt")
        self.file("/opt/stagectl/moment", "0\n")
        host = subprocess.Popen(["sh", self.installed("host.sh")], start_new_session=True)
        self.addCleanup(os.killpg, host.pid, signal.SIGKILL)
        ready = self.root / "run/stagectl.ready"
        for _ in range(500):
            if ready.exists():
                break
            self.assertIsNone(host.poll())
            subprocess.run(["sleep", "0.02"])
        # From 1970 it is that far to now, backwards.
        self.assertLess(int(self.text("/etc/faketimerc")), -1_500_000_000)
        host.terminate()
        self.assertEqual(host.wait(10), 0)

    def test_it_is_not_ready_where_a_file_has_no_owner(self):
        self.file("/opt/stagectl/owners.sh", "exit 1\n")
        self.assertEqual(self.shell("host.sh").returncode, 1)
        self.assertFalse((self.root / "run/stagectl.ready").exists())


if __name__ == "__main__":
    unittest.main()
