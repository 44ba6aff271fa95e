"""The worker: has the jobs at hand before it begins, as RQ recommends it."""

from rq import Worker

from board.jobs import queue, store

Worker([queue], connection=store).work()
