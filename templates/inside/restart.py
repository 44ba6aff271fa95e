"""Starts a process again when it has ended, as systemd does by `Restart=` (`man 5 systemd.service`): a tenth
of a second later, and five times in ten seconds at most. Its arguments are `always` or `on-failure` and the
command. A request to end is passed on, and ends both."""

import contextlib
import os
import signal
import sys
import time

PAUSE = 0.1  # RestartSec=
INTERVAL, BURST = 10.0, 5  # StartLimitIntervalSec=, StartLimitBurst=
REQUESTS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
# Ends of a process by these are none of its failures.
CLEAN = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE)


def given_variables():
    """What was given, and not what Python has made of it: under `LANG=C` it sets `LC_CTYPE`."""
    with open("/proc/self/environ", "rb") as file:
        return dict(entry.split(b"=", 1) for entry in file.read().split(b"\0") if b"=" in entry)


def run(command, env, asked):
    """How one run of the command ended, as `os.wait` says it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS)
    child = os.fork()
    if not child:
        for number in REQUESTS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
        try:
            os.execve(command[0], command, env)
        except OSError as error:
            print(f"stagectl: could not run {command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)

    def pass_on(number, _):
        asked.append(number)
        # It may have ended by itself in this moment.
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)
    for number in REQUESTS:
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
    return os.waitpid(child, 0)[1]


def main():
    how, command = sys.argv[1], sys.argv[2:]
    env = given_variables()
    asked: list = []
    begun: list = []
    while True:
        begun = [moment for moment in begun if moment > time.monotonic() - INTERVAL] + [time.monotonic()]
        status = run(command, env, asked)
        ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        clean = ended == 0 or -ended in CLEAN
        words = f"by signal {-ended}" if ended < 0 else f"with code {ended}"
        if asked or (how == "on-failure" and clean):
            break
        if len(begun) >= BURST:
            print(f"stagectl: it ended {words}, for the {BURST}th time in {INTERVAL:g}s: not started again", file=sys.stderr)
            break
        time.sleep(PAUSE)
        if asked:
            break
        print(f"stagectl: it ended {words}, and is started again (Restart={how})", file=sys.stderr, flush=True)
    sys.exit(ended if ended >= 0 else 128 - ended)


main()
