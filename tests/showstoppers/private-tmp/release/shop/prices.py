"""Prices, where every process of the shop finds them."""

import signal

from dogpile.cache import make_region

region = make_region().configure("dogpile.cache.dbm", arguments={"filename": "/tmp/shop-prices.dbm"})


def work():
    """The worker: makes the prices, and waits for the next day."""
    region.set("ship", "Ship in a bottle: 40 EUR")
    signal.pause()


if __name__ == "__main__":
    work()
