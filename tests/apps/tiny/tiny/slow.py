"""Takes its time to start: longer than one would wait for a server that listens elsewhere."""
import time

time.sleep(4)

from tiny.wsgi import application  # noqa: E402, F401
