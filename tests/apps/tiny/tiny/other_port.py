"""Starts its server again on another port than the described one, as a wrapper script may."""
import os
import sys

if "TINY_MOVED" not in os.environ:
    os.environ["TINY_MOVED"] = "yes"
    arguments = [
        "--listen=127.0.0.1:8123" if argument.startswith("--listen") else argument
        for argument in sys.orig_argv]
    os.execv(arguments[0], arguments)

from tiny.wsgi import application  # noqa: E402, F401
