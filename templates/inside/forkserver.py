"""Runs stagectl's programs without an interpreter's start for each: it has read what they import, and forks.

Standard input has requests: a header (`REQUEST`: number, length of the program's path, of its standard input), then these two.
Standard output has answers: a header (`ANSWER`: number, kind, length) and the content: first `BEGUN`, then `OUT` and `ERR`
with what the program writes, at last `ENDED` with its exit code in decimal. A program has what `docker exec` would give it: a
session, null as its input but for what was sent, and none of this process's open files. This one ends with its standard input,
when its programs have ended.
"""

import contextlib
import importlib
import io
import os
import selectors
import signal
import struct
import sys
import traceback

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)  # isolated mode leaves it out
REQUEST, ANSWER = struct.Struct(">III"), struct.Struct(">IBI")
BEGUN, OUT, ERR, ENDED = range(4)
PIECE = 1 << 16
# What the programs import. None of it asks the system for names, or for the time zone: that is for the program alone.
MODULES = (
    "json", "subprocess", "http.client", "ssl", "threading", "queue", "pwd", "grp", "resource", "glob", "contextlib",
    "select", "tempfile", "urllib.parse", "hashlib", "html", "become", "files", "foreground", "machine", "page",
    "ready", "sockets", "checks.answers", "checks.certificates", "checks.handshakes", "checks.host", "checks.logs",
    "checks.names", "checks.processes", "checks.services", "checks.units",
)
PROGRAMS = ("network.py", "step.py", "release.py", "serve.py", "diagnose.py", "traffic.py")


def code_of(path, known):
    if path not in known:
        with open(path, "rb") as file:
            known[path] = compile(file.read(), path, "exec")
    return known[path]


def perform(path, known):
    """Runs a program as `python3 PATH` does; its exit code."""
    try:
        exec(code_of(path, known), {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__})
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def become(path, given, out, err, known):
    """Makes this child the program, for good."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, descriptor in enumerate((nothing, out, err)):
            os.dup2(descriptor, number)
        os.closerange(3, max(nothing, out, err, 256) + 256)
        sys.argv = [path]
        sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
        code = perform(path, known)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code & 0xFF)


class Server:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.pending = bytearray()
        self.known = {}
        self.children = {}  # by process: number of the request, and its pipes
        self.woken, wake = os.pipe()
        for descriptor in (self.woken, wake):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        self.selector.register(0, selectors.EVENT_READ, self.take_requests)
        self.selector.register(self.woken, selectors.EVENT_READ, self.reap)

    def answer(self, number, kind, content=b""):
        whole = memoryview(ANSWER.pack(number, kind, len(content)) + content)
        while whole:
            whole = whole[os.write(1, whole):]

    def take_requests(self):
        """Reads what is there, and starts what is whole."""
        piece = os.read(0, PIECE)
        if not piece:
            self.selector.unregister(0)
        self.pending += piece
        while len(self.pending) >= REQUEST.size:
            number, path_size, given_size = REQUEST.unpack_from(self.pending)
            end = REQUEST.size + path_size + given_size
            if len(self.pending) < end:
                break
            path = bytes(self.pending[REQUEST.size:REQUEST.size + path_size]).decode()
            given = bytes(self.pending[REQUEST.size + path_size:end])
            del self.pending[:end]
            self.begin(number, path, given)

    def begin(self, number, path, given):
        self.answer(number, BEGUN)
        opened = []
        try:
            for _ in (OUT, ERR):
                opened.append(os.pipe())
            pid = os.fork()
        except OSError as error:  # as where `docker exec` can start nothing
            for descriptor in (descriptor for pipe in opened for descriptor in pipe):
                os.close(descriptor)
            self.answer(number, ERR, f"stagectl: could not start {path}: {error.strerror}\n".encode())
            self.answer(number, ENDED, b"126")
            return
        out, err = opened
        if not pid:
            become(path, given, out[1], err[1], self.known)
        pipes = {}
        for (read, write), kind in ((out, OUT), (err, ERR)):
            os.close(write)
            os.set_blocking(read, False)
            pipes[read] = kind
            self.selector.register(read, selectors.EVENT_READ, lambda read=read: self.forward(pid, read))
        self.children[pid] = (number, pipes)

    def forward(self, pid, read):
        """Hands over what is in a pipe."""
        number, pipes = self.children[pid]
        while read in pipes:
            try:
                piece = os.read(read, PIECE)
            except BlockingIOError:
                return
            if piece:
                self.answer(number, pipes[read], piece)
            else:
                self.close(pipes, read)

    def close(self, pipes, read):
        del pipes[read]
        self.selector.unregister(read)
        os.close(read)

    def reap(self):
        """Answers for those that have ended. What they left running may hold their output, and is not waited for."""
        try:
            while os.read(self.woken, PIECE):
                pass
        except BlockingIOError:
            pass
        for pid in list(self.children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done:
                continue
            number, pipes = self.children[pid]
            for read in list(pipes):
                self.forward(pid, read)
            for read in list(pipes):
                self.close(pipes, read)
            del self.children[pid]
            code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            self.answer(number, ENDED, str(code).encode())

    def prepare(self):
        """Reads what programs need. What is not there is their own affair: they say it better."""
        for name in MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        for name in PROGRAMS:
            path = os.path.join(FOLDER, name)
            if os.path.exists(path):
                code_of(path, self.known)

    def run(self):
        self.prepare()
        while 0 in self.selector.get_map() or self.children:
            for key, _ in self.selector.select():
                # One that came before in this round may have closed it.
                if key.fileobj in self.selector.get_map():
                    key.data()


if __name__ == "__main__":
    Server().run()
