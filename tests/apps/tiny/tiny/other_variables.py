"""Starts itself again with another variable than the described one, as a wrapper script may."""
import os
import sys

if os.environ.get("TINY_GREETING") == "hello":
    os.environ["TINY_GREETING"] = "good evening"
    os.execv(sys.orig_argv[0], sys.orig_argv)

from tiny.wsgi import application  # noqa: E402, F401
