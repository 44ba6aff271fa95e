"""Waits for the host: its first process, `host.sh`, puts the root where programs look for it, and says when that is done."""

import os
import time

MARK = "/run/stagectl.ready"
PATIENCE = 60.0  # seconds: it takes one at most
PACE = 0.01  # seconds between two looks: nobody says when a file is made


def wait_for_host():
    """Ends when the host is ready, and otherwise with what is wrong, in words."""
    end = time.monotonic() + PATIENCE
    while not os.path.exists(MARK):
        if time.monotonic() > end:
            return f"the host was not ready within {PATIENCE:g}s: {MARK} is not there"
        time.sleep(PACE)
    return None
