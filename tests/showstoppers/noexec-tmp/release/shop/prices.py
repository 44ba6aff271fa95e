"""Imports prices, several at a time."""

import pathlib

from greenlet import greenlet

PRICES = pathlib.Path.home() / "prices.txt"


def main():
    def write():
        PRICES.write_text("Ship in a bottle: 40 EUR\n")

    greenlet(write).switch()
