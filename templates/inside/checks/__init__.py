"""The built-in checks of a deployed site, by what they look at."""

ATTEMPT = 5.0  # seconds for one connection
PROGRAM = 20.0  # seconds for one call of a program that is not the site's


class Wrong(Exception):
    """What a check found, when it is not as described."""
