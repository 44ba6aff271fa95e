"""Imports prices, several at a time."""

import pathlib

PRICES = pathlib.Path.home() / "prices.txt"


def main():
    from greenlet import greenlet

    def write():
        PRICES.write_text("Ship in a bottle: 40 EUR\n")

    greenlet(write).switch()
