"""A worker: it says that it works, and goes on; with `until` it ends as soon as the site answers."""
import os
import signal
import sys
import time
import urllib.request

print("tiny: working as", os.environ["USER"], "under", os.environ["LANG"], flush=True)
while "until" in sys.argv:
    try:
        urllib.request.urlopen("http://127.0.0.1/", timeout=1)
        sys.exit("tiny: the queue is gone")
    except OSError:
        time.sleep(0.01)
signal.pause()
