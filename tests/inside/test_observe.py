"""`stagectl_observe.py` and `connections.py`: what is written down of a process, and what is not."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

import connections
import programs

OBSERVER = pathlib.Path(__file__).parents[2] / "templates" / "observe" / "stagectl_observe.py"


class Observer(unittest.TestCase):
    def seen(self, code, **variables):
        """What is written down of a script, as kind, what and the name of the file that asked."""
        with tempfile.TemporaryDirectory() as folder:
            notes = pathlib.Path(folder, "notes")
            notes.mkdir()
            text = OBSERVER.read_text(encoding="utf-8").replace("/opt/stagectl/observed", str(notes))
            pathlib.Path(folder, "stagectl_observe.py").write_text(text, encoding="utf-8")
            script = pathlib.Path(folder, "app.py")
            script.write_text("import stagectl_observe\nimport os\n" + code, encoding="utf-8")
            subprocess.run(
                [sys.executable, "-B", str(script)], env={**os.environ, **variables}, cwd=folder, check=True, timeout=60
            )
            lines = [line for file in notes.iterdir() for line in file.read_text(encoding="utf-8").splitlines()]
            facts = [json.loads(line) for line in lines]
            return {(fact["kind"], fact["what"], os.path.basename(fact["by"])) for fact in facts}

    def test_each_way_to_read_a_variable_is_seen_and_a_copy_of_all_is_none(self):
        seen = self.seen(
            "os.environ['ONE'], os.getenv('TWO'), 'THREE' in os.environ, os.environ.get('MISSING')\n"
            "os.environ.copy(), dict(os.environ), {**os.environ}, list(os.environ.items())\n",
            ONE="1", TWO="2", THREE="3", FOUR="4",
        )
        read = {what for kind, what, by in seen if kind == "variable" and by == "app.py"}
        self.assertEqual(read, {"ONE", "TWO", "THREE", "MISSING"})
        self.assertIn(("copy", "", "app.py"), seen)

    def test_hosts_addresses_and_files_are_seen_with_who_asked(self):
        with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile() as file:
            port = server.getsockname()[1]
            code = f"import socket\nsocket.create_connection(('localhost', {port})).close()\nopen({file.name!r}).close()\n"
            seen = self.seen(code)
            self.assertTrue({
                ("host", "localhost", "app.py"),
                ("address", f"127.0.0.1 {port}", "app.py"),
                ("file", file.name, "app.py"),
            } <= seen, seen)

    def test_a_process_that_forks_goes_on_in_a_file_of_its_own(self):
        seen = self.seen("if not os.fork():\n    os.environ['CHILD']\n    os._exit(0)\nos.wait()\n", CHILD="1")
        self.assertIn(("variable", "CHILD", "app.py"), seen)

    def test_where_nothing_can_be_written_the_app_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "stagectl_observe.py").write_text(OBSERVER.read_text(encoding="utf-8"), encoding="utf-8")
            code = "import stagectl_observe, os; print(os.environ['HERE'])"
            done = subprocess.run(
                [sys.executable, "-B", "-c", code], env={**os.environ, "HERE": "fine"}, cwd=folder,
                capture_output=True, text=True, check=True, timeout=60,
            )
            self.assertEqual(done.stdout, "fine\n")


class Connections(programs.OnAHost):
    def test_the_other_end_of_what_a_user_began_is_seen_and_who_asks_for_the_user_is_not(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                seen = set(connections.connected(os.getuid()))
                self.assertIn(("127.0.0.1", port), seen)
                self.assertNotIn(("127.0.0.1", client.getsockname()[1]), seen)
                self.assertNotIn(("127.0.0.1", port), set(connections.connected(os.getuid() + 1)))

    def test_addresses_are_as_people_write_them(self):
        table = {
            "0100007F": "127.0.0.1",
            "B80D01200000000067452301EFCDAB89": "2001:db8::123:4567:89ab:cdef",
            "0000000000000000FFFF00000100007F": "127.0.0.1",
        }
        if sys.byteorder == "little":
            for written, plain in table.items():
                self.assertEqual(connections.plain(written), plain)


if __name__ == "__main__":
    unittest.main()
