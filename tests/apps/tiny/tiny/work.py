"""A worker: it says that it works, and goes on; with `until` it ends as soon as the site answers, with
`called` as soon as somebody connects to its port."""
import os
import signal
import socket
import sys
import time
import urllib.request

print("tiny: working as", os.environ["USER"], "under", os.environ["LANG"], flush=True)
listener = socket.create_server(("0.0.0.0", 7000)) if {"listen", "called"} & set(sys.argv) else None
if "called" in sys.argv:
    caller, _ = listener.accept()
    print("tiny: called away", flush=True)
    sys.exit(3)
while "until" in sys.argv:
    try:
        urllib.request.urlopen("http://127.0.0.1/", timeout=1)
        sys.exit("tiny: the queue is gone")
    except OSError:
        time.sleep(0.01)
signal.pause()
