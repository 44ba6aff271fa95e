"""Has the worker sort the titles that are there."""

from board.jobs import queue, sort

queue.enqueue(sort)
