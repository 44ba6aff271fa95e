"""A worker that ends when it has done its work, and counts on being started again."""

import signal

with open("/srv/shop/data/starts", "a") as file:
    file.write("x")
with open("/tmp/of-the-worker", "w"):
    pass
with open("/srv/shop/data/starts") as file:
    if len(file.read()) >= 3:
        signal.pause()
