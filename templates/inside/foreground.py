"""nginx in the foreground, whatever its configuration says of `daemon`: to nginx it is an error to say it twice."""

import os
import re
import subprocess

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Process

OFF = "daemon off;"
DUPLICATE = re.compile(rb'"daemon" directive is duplicate in (.+):\d+')
ON = re.compile(rb"(?m)((?:^|[;{}])\s*daemon\s+)on(\s*;)")
LOG = "/var/log/nginx/error.log"


def argv(process: "Process", seconds):
    """The command of a process: without its own `daemon off;` where the configuration has that directive,
    and with `off` there instead of `on`."""
    words = process["argv"]
    if OFF not in words:
        return words
    found = DUPLICATE.search(said([words[0], "-t", "-q", *words[1:]], process["env"], seconds))
    if not found:
        return words
    path = os.fsdecode(found[1])
    with open(path, "rb") as file:
        text = file.read()
    if ON.search(text):
        with open(path, "wb") as file:
            file.write(ON.sub(rb"\1off\2", text))
    at = words.index(OFF)
    return words[:at - 1] + words[at + 1:]


def said(command, env, seconds):
    """What nginx says of its configuration, and only here: it would write that to its log, too."""
    before = os.path.getsize(LOG) if os.path.exists(LOG) else None
    try:
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds).stdout
    except (OSError, subprocess.SubprocessError):
        return b""  # starting it says why
    finally:
        if os.path.exists(LOG):
            os.truncate(LOG, before or 0)
