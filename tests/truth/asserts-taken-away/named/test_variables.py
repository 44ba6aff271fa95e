import os
import sys


def test_the_suite_has_what_is_said_and_nothing_else():
    # Asserts are no use where they may be taken away.
    if sys.flags.optimize or not __debug__:
        raise RuntimeError("no asserts here")
    others = set(os.environ) - {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "PWD"}
    others = {name for name in others if not name.startswith(("STAGECTL_", "PYTEST_"))}
    assert others == {"SHOP_DOORS", "SAID"}
    assert os.environ["SHOP_DOORS"] == "one"
    secret, _, rest = os.environ["SAID"].partition(" ")
    assert (len(secret), rest) == (24, "of named")
    assert os.environ["LANG"] == "C.UTF-8"
