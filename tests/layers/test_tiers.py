"""`tests/tiers.py`: which tests a commit has, and what is printed last."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import tiers

JUNIT = """<?xml version="1.0"?><testsuites><testsuite name="a">
<testcase name="quick" classname="a" time="0.5"/><testcase name="slow" classname="a" time="61.25"/>
</testsuite><testsuite name="b"><testcase name="other" classname="b" time="7"/></testsuite></testsuites>"""


class Shares(unittest.TestCase):
    TESTS = [("stagectl::docker", f"second_tier::test_{number}") for number in range(100)]

    def test_a_commit_has_an_eighth_and_all_commits_have_everything(self):
        shares = [tiers.share_of(self.TESTS, f"{number:08x}0123") for number in range(8)]
        self.assertEqual(sorted(sum(shares, [])), sorted(self.TESTS))
        self.assertEqual({len(share) for share in shares}, {12, 13})

    def test_the_same_commit_has_the_same_tests_in_whatever_order_they_are_listed(self):
        share = tiers.share_of(self.TESTS, "f00dbabe")
        self.assertEqual(tiers.share_of(list(reversed(self.TESTS)), "f00dbabe"), share)

    def test_the_filter_names_each_test_exactly(self):
        self.assertEqual(tiers.without([("truth", "a_case"), ("docker", "faults::chaos::b")]),
                         "not (binary(=truth) & test(=a_case) | binary(=docker) & test(=faults::chaos::b))")

    def test_comments_and_blank_lines_of_the_list_are_no_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            tiers.LIST, kept = pathlib.Path(folder, "list.txt"), tiers.LIST
            self.addCleanup(setattr, tiers, "LIST", kept)
            tiers.LIST.write_text("# why\n\ntruth  b  # because\ndocker a::b\n")
            self.assertEqual(tiers.second_tier(), [("docker", "a::b"), ("truth", "b")])


class Printed(unittest.TestCase):
    def ran(self, script, junit=JUNIT):
        """What is printed of a run that says so, and its code."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "junit.xml")
            if junit:
                file.write_text(junit)
            with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
                code = tiers.run([sys.executable, "-c", script], file)
            return code, out.getvalue().replace(str(file), "junit.xml").splitlines()

    def test_the_runners_summary_comes_last_and_the_slowest_before_it(self):
        script = "print('PASS one'); print('----'); print('     Summary [1.0s] 3 tests run'); print('FAIL b other'); exit(100)"
        self.assertEqual(self.ran(script), (100, [
            "PASS one", "----", "the 3 slowest tests (all: junit.xml)", "    61.2 s  a slow", "     7.0 s  b other",
            "     0.5 s  a quick", "     Summary [1.0s] 3 tests run", "FAIL b other"]))

    def test_a_summary_in_colour_is_one(self):
        self.assertTrue(tiers.SUMMARY.match("\x1b[32;1m     Summary\x1b[0m [   0.1s]"))
        self.assertFalse(tiers.SUMMARY.match("    PASS a_Summary_is_told"))

    def test_a_run_that_did_not_get_so_far_has_no_slowest(self):
        self.assertEqual(self.ran("print('error: no')", junit=None), (0, ["error: no"]))
        self.assertEqual(self.ran("print('error: no')", junit="<testsuites"), (0, ["error: no"]))

    def test_a_stopped_run_ends_in_order_and_has_its_summary(self):
        script = """
import os, signal, time
def ends(*_):
    print("     Summary [1.0s] stopped", flush=True)
    raise SystemExit(3)
signal.signal(signal.SIGTERM, ends)
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.kill(os.getppid(), signal.SIGINT)
os.kill(os.getppid(), signal.SIGTERM)
time.sleep(60)
"""
        self.assertEqual(self.ran(script, junit=None), (3, ["     Summary [1.0s] stopped"]))

    def test_only_the_twenty_slowest_are_told(self):
        cases = "".join(f'<testcase name="t{number:02}" classname="a" time="{number}"/>' for number in range(30))
        _, lines = self.ran("", junit=f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        self.assertEqual((len(lines), lines[1], lines[-1]), (21, "    29.0 s  a t29", "    10.0 s  a t10"))


class Commands(unittest.TestCase):
    RUNNER = f"cargo nextest run --locked --no-fail-fast --test-threads {max(3, os.cpu_count() or 1)}"

    def setUp(self):
        self.addCleanup(setattr, tiers, "second_tier", tiers.second_tier)
        tiers.second_tier = lambda: [("docker", f"test_{number}") for number in range(9)]

    def command(self, tier, nextest):
        with contextlib.redirect_stdout(io.StringIO()):
            return " ".join(tiers.command_of(tier, "0", nextest))

    def test_the_first_tier_leaves_all_of_the_second_out(self):
        run = f"{self.RUNNER} --filterset not (binary(=docker) & test(=test_0) | "
        self.assertTrue(self.command("first", True).startswith(run))
        self.assertEqual(self.command("first", True).count("test(="), 9)
        run = "cargo test --locked --no-fail-fast --lib --bins --tests -- --exact --skip test_0 --skip test_1 "
        self.assertTrue(self.command("first", False).startswith(run))

    def test_a_commit_has_its_eighth_beside_the_first_tier(self):
        for nextest in (True, False):
            command = self.command("ci", nextest)
            self.assertEqual([number for number in range(9) if f"test_{number}" not in command], [0, 8])

    def test_everything_is_everything_but_what_writes_a_document(self):
        run = f"{self.RUNNER} --run-ignored all --filterset not test(/^engines::/) | test(=engines::"
        self.assertTrue(self.command("all", True).startswith(run))
        self.assertTrue(self.command("all", False).endswith(
            "-- --include-ignored --skip engines::matrix::every --skip engines::ssh"))


if __name__ == "__main__":
    unittest.main()
