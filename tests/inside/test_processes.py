"""Programs that run, end and watch processes: `step.py`, `stop.py`, `enter.py`, `keep.py`, `activate.py`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest

import programs
from checks import processes


class Step(programs.OnAHost):
    def step(self, command, **job):
        self.file("/run/stagectl.ready")
        return self.program("step.py", {"command": command, "env": {"PATH": os.environ["PATH"]}, "user": None,
                                        "folder": str(self.root), "timeout": 20, "umask": 0o022, **job})

    def test_it_ends_with_the_commands_code(self):
        self.assertEqual(self.step("exit 3").returncode, 3)
        self.assertEqual(self.step(["sh", "-c", "kill -TERM $$"]).returncode, 128 + signal.SIGTERM)
        self.assertEqual(self.step(["/no/such/program"]).returncode, 127)

    def test_both_streams_are_one_in_the_order_in_which_they_were_written(self):
        outcome = self.step("echo one; echo two >&2; echo three")
        self.assertEqual((outcome.stdout, outcome.stderr), ("one\ntwo\nthree\n", ""))

    def test_variables_folder_umask_and_limits_are_as_told_and_nothing_else(self):
        outcome = self.step("env | grep -v -e ^PWD -e ^SHLVL -e ^_=; pwd; umask; ulimit -n; ulimit -Hn",
                            env={"PATH": "/usr/bin:/bin", "ONE": "1"}, umask=0o027, open_files=[64, 128])
        self.assertEqual(outcome.stdout.split("\n")[:-1].count("ONE=1"), 1)
        self.assertEqual(sorted(outcome.stdout.split()), sorted(
            ["ONE=1", "PATH=/usr/bin:/bin", str(self.root), "0027", "64", "128"]))

    def test_all_that_it_started_is_killed_after_the_timeout(self):
        begin = time.monotonic()
        outcome = self.step(f"sh -c 'echo $$ > {self.root}/pid; exec sleep 60' & wait", timeout=0.5)
        self.assertEqual(outcome.returncode, 124)
        self.assertLess(time.monotonic() - begin, 30)
        pid = int(self.text("/pid"))
        for _ in range(100):
            if not is_running(pid):
                break
            time.sleep(0.05)
        self.assertFalse(is_running(pid))

    def test_files_are_gone_when_it_begins(self):
        old = self.file("/old", "x")
        self.assertEqual(self.step(f"test ! -e {old}", remove=[old, f"{old}.none"]).returncode, 0)

    def test_nothing_runs_before_the_host_is_ready(self):
        for path in programs.FOLDER.glob("*.py"):
            self.installed(path.name)
        job = {"command": f"touch {self.root}/ran", "env": {"PATH": os.environ["PATH"]}, "user": None,
               "folder": str(self.root)}
        with subprocess.Popen([sys.executable, "-I", "-S", str(self.root / "programs/step.py")],
                              stdin=subprocess.PIPE, text=True) as step:
            self.addCleanup(step.kill)
            assert step.stdin
            step.stdin.write(json.dumps(job))
            step.stdin.close()
            time.sleep(0.3)
            self.assertIsNone(step.poll())
            self.assertFalse((self.root / "ran").exists())
            self.file("/run/stagectl.ready")
            self.assertEqual(step.wait(20), 0)
        self.assertTrue((self.root / "ran").exists())


    def test_a_host_that_is_never_ready_ends_it_with_a_word(self):
        for path in programs.FOLDER.glob("*.py"):
            self.installed(path.name)
        waiting = self.root / "programs/ready.py"
        waiting.write_text(waiting.read_text().replace("PATIENCE = 60.0", "PATIENCE = 0.05"))
        job = json.dumps({"command": f"touch {self.root}/ran"})
        outcome = subprocess.run([sys.executable, "-I", "-S", str(self.root / "programs/step.py")],
                                 input=job, capture_output=True, text=True, timeout=60)
        self.assertEqual(outcome.returncode, 126)
        self.assertEqual(outcome.stderr, "stagectl: the host was not ready within 0.05s: "
                                         f"{self.root}/run/stagectl.ready is not there\n")
        self.assertFalse((self.root / "ran").exists())
        # It is seen before any step, where the app cannot be blamed for it.
        seen = subprocess.run([sys.executable, "-I", "-S", str(self.root / "programs/network.py")],
                              input='{"name": "", "text": "", "nobody": []}', capture_output=True, text=True, timeout=60)
        self.assertEqual((seen.returncode, seen.stdout.strip()), (126, outcome.stderr.strip()[len("stagectl: "):]))


class Enter(programs.OnAHost):
    def test_it_becomes_the_command_and_takes_its_own_description_away(self):
        path = self.file("/job.json", json.dumps({
            "argv": ["sh", "-c", "echo $$ $ONE; pwd"], "env": {"PATH": os.environ["PATH"], "ONE": "1"}, "user": None,
            "folder": str(self.root), "umask": None, "open_files": None, "pid": f"{self.root}/pid", "terminal": False}))
        outcome = self.program("enter.py", None, path)
        self.assertEqual(outcome.stdout, f"{self.text('/pid')} 1\n{self.root}\n")
        self.assertFalse(os.path.exists(path))


class Keep(programs.OnAHost):
    def test_codes_and_signals_are_written_down(self):
        script = self.installed("keep.py")
        # As `serve.py` does: it starts the processes and becomes the keeper.
        text = f"""
import os, subprocess, sys
one, two = subprocess.Popen(["sh", "-c", "exit 4"]), subprocess.Popen(["sh", "-c", "kill -9 $$"])
os.execv(sys.executable, [sys.executable, "-I", "-S", {script!r}, f"{{one.pid}}=wsgi", f"{{two.pid}}=nginx"])
"""
        subprocess.run([sys.executable, "-W", "ignore", "-c", text], check=True, timeout=60)
        self.assertEqual(self.text("/run/stagectl.wsgi.code"), "4\n")
        self.assertEqual(self.text("/run/stagectl.nginx.code"), "-9\n")


class Stop(programs.OnAHost):
    def test_each_gets_its_signal_and_what_was_noted_of_them_goes(self):
        script = f"trap 'touch {self.root}/asked; exit 0' QUIT; touch {self.root}/begun; while :; do sleep 0.05; done"
        child = subprocess.Popen(["sh", "-c", script], start_new_session=True)
        self.addCleanup(child.wait)
        while not (self.root / "begun").exists():
            time.sleep(0.01)
        self.file("/run/stagectl.wsgi.pid", str(child.pid))
        self.file("/run/stagectl.wsgi.code", "0\n")
        outcome = self.program("stop.py", {"processes": [["wsgi", "QUIT"], ["nginx", "TERM"]]})
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        self.assertTrue((self.root / "asked").exists())
        self.assertEqual(os.listdir(self.root / "run"), [])


class Activate(programs.OnAHost):
    def test_the_socket_is_the_third_descriptor_and_the_command_knows(self):
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            script = ("import os, socket; print(os.environ['LISTEN_FDS'], int(os.environ['LISTEN_PID']) == os.getpid(),"
                      " socket.socket(fileno=3).getsockname()[1])")
            command = [sys.executable, "-I", "-S", self.installed("activate.py"), str(opened.fileno()),
                       sys.executable, "-c", script]
            told = subprocess.run(command, pass_fds=[opened.fileno()], stdout=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual(told.stdout, f"1 True {opened.getsockname()[1]}\n")


class Live(unittest.TestCase):
    def test_descendants_are_a_process_and_all_below_it(self):
        with subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True) as child:
            try:
                while len(processes.descendants(child.pid)) < 2:
                    time.sleep(0.01)
                self.assertIn(child.pid, processes.descendants(os.getpid()))
            finally:
                os.killpg(child.pid, signal.SIGKILL)

    def test_variables_that_nobody_described_are_found(self):
        env = {"PATH": os.environ["PATH"], "ONE": "1", "MORE": "2"}
        with subprocess.Popen(["sleep", "60"], env=env) as child:
            try:
                while "ONE" not in processes.environment(child.pid):
                    time.sleep(0.01)
                job = {"process": child.pid, "env": {"ONE": "1"}, "standard": ["PATH"]}
                with self.assertRaisesRegex(processes.Wrong, "not described: MORE$"):
                    processes.variables(job)
                with self.assertRaisesRegex(processes.Wrong, "not as described in the live process: ONE$"):
                    processes.variables({**job, "env": {"ONE": "2", "MORE": "2"}})
                self.assertEqual(processes.variables({**job, "env": {"ONE": "1", "MORE": "2"}}), "2 as described, no others")
            finally:
                child.kill()


def is_running(pid):
    try:
        return processes.stat(pid)[0] not in "ZX"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()


class GoesOn(programs.OnAHost):
    """A proxy that `serve.py` finds as an earlier start has left it."""

    def seen(self, script):
        for path in programs.FOLDER.rglob("*.py"):
            self.installed(str(path.relative_to(programs.FOLDER)))
        script = f"import sys; sys.path.append({str(self.root / 'programs')!r}); import serve; {script}"
        return subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True, capture_output=True, text=True,
                              timeout=60).stdout

    def test_one_that_runs_is_found_and_how_it_has_ended_is_as_its_keeper_writes_it_down(self):
        child = subprocess.Popen(["sleep", "60"])
        self.file("/run/stagectl.nginx.pid", str(child.pid))
        self.assertEqual(self.seen("print(serve.GoesOn.find('nginx').poll())"), "None\n")
        child.terminate()
        child.wait()
        self.assertEqual(self.seen("print(serve.GoesOn.find('nginx'))"), "None\n")
        ended = f"print(serve.GoesOn('nginx', {child.pid}).poll())"
        self.assertEqual(self.seen(ended), f"{-signal.SIGKILL}\n")
        self.file("/run/stagectl.nginx.code", "1\n")
        self.assertEqual(self.seen(ended), "1\n")

    def test_one_that_never_ran_is_none(self):
        self.assertEqual(self.seen("print(serve.GoesOn.find('nginx'))"), "None\n")
