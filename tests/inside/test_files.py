"""`files.py`: what is there, what is made anew by each run, and what is kept secret."""

import base64
import hashlib
import os
import unittest

import files
import programs


class Files(programs.OnAHost):
    def list_files(self, **job):
        whole = {"folders": [str(self.root / "srv")], "values": [], "left_out": [], "runs_own": {}, "secret": [],
                 "data": [], "live": False, "described": [], **job}
        found = {}
        for part in files.Files(whole).parts():
            found.update(part)
        return {path[len(str(self.root)):]: entry for path, entry in found.items()}

    def test_kind_mode_and_digest(self):
        path = self.file("/srv/app/conf", "text")
        os.chmod(path, 0o640)
        os.symlink("conf", self.root / "srv/app/link")
        os.mkfifo(self.root / "srv/app/pipe")
        found = self.list_files()
        self.assertEqual(list(found), ["/srv", "/srv/app", "/srv/app/conf", "/srv/app/link", "/srv/app/pipe"])
        self.assertEqual([entry["kind"] for entry in found.values()], ["folder", "folder", "file", "link", "other"])
        conf = found["/srv/app/conf"]
        self.assertEqual((conf["mode"], conf["size"]), ("640", "4"))
        self.assertEqual(conf["sha256"], hashlib.sha256(b"text").hexdigest())
        self.assertEqual(found["/srv/app/link"]["to"], "conf")
        self.assertNotIn("mode", found["/srv/app/link"])

    def test_a_file_with_a_secret_has_neither_size_nor_digest(self):
        secret = 'p"ss/w+rd'
        texts = [secret, "p%22ss%2Fw%2Brd", 'p\\"ss/w+rd', base64.b64encode(f"{secret}@db".encode()).decode(),
                 "-----BEGIN PRIVATE KEY-----"]
        for number, text in enumerate(texts):
            self.file(f"/srv/{number}", f"x {text} y")
        found = self.list_files(values=[secret, ""])
        for number, _ in enumerate(texts):
            self.assertEqual(found[f"/srv/{number}"].get("holds"), "a secret", texts[number])
            self.assertNotIn("sha256", found[f"/srv/{number}"])

    def test_what_a_live_host_hides_is_its_secret_unless_it_is_described(self):
        hidden, described = self.file("/srv/hidden", "x"), self.file("/srv/described", "x")
        os.chmod(hidden, 0o600)
        os.chmod(described, 0o600)
        found = self.list_files(live=True, described=[described])
        self.assertEqual(found["/srv/hidden"].get("holds"), "a secret")
        self.assertIn("sha256", found["/srv/described"])

    def test_what_the_app_writes_has_no_digest(self):
        self.file("/srv/app.log", "x")
        self.file("/srv/data/upload", "x")
        found = self.list_files(data=[str(self.root / "srv/data")])
        self.assertNotIn("sha256", found["/srv/app.log"])
        self.assertNotIn("sha256", found["/srv/data/upload"])

    def test_what_is_the_runs_own_is_replaced_by_its_words(self):
        root = self.file("/root.pem", "ROOT OF THIS RUN")
        self.file("/srv/bundle", "others, ROOT OF THIS RUN")
        found = self.list_files(runs_own={root: "the root"})
        self.assertEqual(found["/srv/bundle"]["sha256"], hashlib.sha256(b"others, the root").hexdigest())

    def test_large_files_are_told_by_their_size(self):
        path = self.file("/srv/large")
        os.truncate(path, files.LARGEST + 1)
        entry = self.list_files()["/srv/large"]
        self.assertEqual((entry["size"], "sha256" in entry), (str(files.LARGEST + 1), False))

    def test_what_is_left_out_or_made_anew_is_not_there(self):
        self.file("/srv/__pycache__/x.pyc")
        self.file("/srv/x.pyc")
        out = self.file("/srv/out")
        self.assertEqual(list(self.list_files(left_out=[out])), ["/srv"])
        for path in ("/etc/machine-id", "/etc/ssh/ssh_host_rsa_key", "/etc/ssl/certs/0a1b2c3d.0"):
            self.assertTrue(files.is_made_anew(path), path)
        for path in ("/etc/ssh/sshd_config", "/etc/ssl/certs/own.pem", "/etc/hosts.allow"):
            self.assertFalse(files.is_made_anew(path), path)

    def test_an_answer_comes_in_parts_that_a_line_can_hold(self):
        for number in range(400):
            self.file(f"/srv/{number}")
        whole = {"folders": [str(self.root / "srv")], "values": [], "left_out": [], "runs_own": {}, "secret": [],
                 "data": [], "live": False, "described": []}
        parts = list(files.Files(whole).parts())
        self.assertGreater(len(parts), 1)
        self.assertEqual(sum(map(len, parts)), 401)


if __name__ == "__main__":
    unittest.main()
