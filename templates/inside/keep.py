"""Stands above the site's processes in the place of `serve.py`, and writes down how each ends: its exit
code, or minus the signal that killed it, in `/run/stagectl.ROLE.code`. Its arguments are PID=ROLE; a process that
another release was started beside may have another role by its end."""

import glob
import os
import sys


def role_now(pid, role):
    for path in glob.glob("/run/stagectl.*.pid"):
        try:
            with open(path) as file:
                if file.read() == str(pid):
                    return path[len("/run/stagectl."):-len(".pid")]
        except OSError:
            continue
    return role


def main():
    roles = dict(argument.split("=", 1) for argument in sys.argv[1:])
    while roles:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return
        role = roles.pop(str(pid), None)
        if role:
            code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            path = f"/run/stagectl.{role_now(pid, role)}.code"
            with open(f"{path}.new", "w") as file:
                file.write(f"{code}\n")
            os.rename(f"{path}.new", path)


main()
