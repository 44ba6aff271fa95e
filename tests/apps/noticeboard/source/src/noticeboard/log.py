"""Log lines on standard error: `noticeboard.api  error  GET https://...: certificate refused`."""

import logging
import sys


class Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.level = record.levelname.lower()
        return super().format(record)


def to_stderr() -> None:
    """Sends what the board logs to standard error; a second call changes nothing."""
    logger = logging.getLogger("noticeboard")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Formatter("%(name)s  %(level)s  %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
