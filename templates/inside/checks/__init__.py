"""The built-in checks of a deployed site, by what they look at."""

ATTEMPT = 5.0  # seconds for one connection
PROGRAM = 20.0  # seconds for one call of a program
CHECK = 45.0  # seconds for a check as a whole, whatever the site does to it


QUOTED = 8 << 10  # bytes of what the site said that are handed over; of these the first are shown


# Where the world finds names of the site of which this host's own /etc/hosts says otherwise: set once, before all
# checks.
elsewhere: dict = {}


def place(name):
    """Where the world finds the name."""
    return elsewhere.get(name, name)


class Wrong(Exception):
    """What a check found, when it is not as described; `quoted` is what the site said, as its end."""

    def __init__(self, found, quoted=""):
        super().__init__(found)
        self.quoted = quoted
