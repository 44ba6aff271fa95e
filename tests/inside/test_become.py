"""Becoming a user: `become.py`."""

import contextlib
import os
import pwd
import subprocess
import sys
import unittest
from unittest import mock

import become

# Somebody who is there on every machine and is not root.
NOBODY = pwd.getpwnam("nobody")


class Become(unittest.TestCase):
    def test_the_variables_of_a_login_give_way_to_the_described_ones(self):
        root = pwd.getpwuid(0)
        self.assertEqual(become.environment({"A": "1"}, None), {"A": "1"})
        found = become.environment({"A": "1"}, root.pw_name)
        self.assertEqual((found["HOME"], found["SHELL"], found["A"]), (root.pw_dir, root.pw_shell, "1"))
        self.assertEqual(become.environment({"HOME": "/srv"}, root.pw_name)["HOME"], "/srv")

    def test_who_may_not_log_in_has_no_shell(self):
        users = [entry for entry in pwd.getpwall() if entry.pw_shell.endswith("/nologin")]
        self.assertNotIn("SHELL", become.environment({}, users[0].pw_name))

    def test_root_is_nobody_else(self):
        self.assertEqual(become.owner(os.stat("/")), {})
        self.assertEqual(become.group("7"), 7)
        self.assertEqual(become.user(None), {})

    def test_a_process_gives_up_its_groups_before_its_rights(self):
        done = []
        with contextlib.ExitStack() as stack:
            for name in ("umask", "setgroups", "setgid", "setuid"):
                def note(given, name=name):
                    done.append((name, given))
                stack.enter_context(mock.patch.object(os, name, note))
            become.drop_to("nobody", 0o027)
            become.drop_to("nobody", None, 7)
            become.drop_to(None)
        groups = os.getgrouplist("nobody", NOBODY.pw_gid)
        self.assertEqual(done, [("umask", 0o027), ("setgroups", groups), ("setgid", NOBODY.pw_gid), ("setuid", NOBODY.pw_uid),
                                ("setgroups", os.getgrouplist("nobody", 7)), ("setgid", 7), ("setuid", NOBODY.pw_uid)])

    def test_a_child_gets_the_same_on_every_python(self):
        person, first, groups = become.numbers("nobody")
        with mock.patch.object(sys, "version_info", (3, 9, 2)):
            self.assertEqual(become.user(None, 0o027), {"umask": 0o027})
            self.assertEqual(become.user("nobody"), {"user": person, "group": first, "extra_groups": groups})
        with mock.patch.object(sys, "version_info", (3, 7, 3)):
            self.assertEqual(become.user(None), {})
            self.assertEqual(list(become.user("nobody")), ["preexec_fn"])

    @unittest.skipIf(os.getuid(), "only root becomes somebody else")
    def test_a_child_is_the_user_with_its_groups_and_umask(self):
        script = "id -u; id -G; umask"
        wanted = f"{NOBODY.pw_uid}\n{' '.join(map(str, os.getgrouplist('nobody', NOBODY.pw_gid)))}\n0027\n"
        for version in (sys.version_info, (3, 7, 3)):
            with mock.patch.object(sys, "version_info", version):
                options = become.user("nobody", 0o027)
            child = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, text=True, cwd="/", timeout=60, **options)
            self.assertEqual(child.stdout, wanted)


if __name__ == "__main__":
    unittest.main()
