"""Becomes a server that is handed an open socket, as by a socket unit of systemd (`man 3 sd_listen_fds`): its
arguments are the socket's descriptor and the command."""

import os
import sys

FIRST = 3


def main():
    descriptor, command = int(sys.argv[1]), sys.argv[2:]
    os.dup2(descriptor, FIRST)
    if descriptor != FIRST:
        os.close(descriptor)
    # What was given, and not what Python has made of it: under `LANG=C` it sets `LC_CTYPE`.
    with open("/proc/self/environ", "rb") as file:
        env = dict(entry.split(b"=", 1) for entry in file.read().split(b"\0") if b"=" in entry)
    env.update({b"LISTEN_PID": b"%d" % os.getpid(), b"LISTEN_FDS": b"1"})
    try:
        os.execve(command[0], command, env)
    except OSError as error:
        print(f"stagectl: could not run {command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


main()
