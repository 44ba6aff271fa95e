"""The built-in checks of a deployed site, by what they look at."""

ATTEMPT = 5.0  # seconds for one connection


class Wrong(Exception):
    """What a check found, when it is not as described."""
