"""Becoming a user: for this process itself, and for a child as arguments of `subprocess`.

Programs with threads start children by `user` and never by a `preexec_fn` of their own: that one runs Python in
the child between fork and exec, where every lock that another thread held at that moment stays locked for
good. The library for the clock takes such a lock whenever somebody asks for the time. Only Python before 3.9
knows no other way.
"""

import grp
import os
import pwd
import sys


def group(name):
    """A group's number, by its name or the number itself."""
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid


def numbers(name, own=None):
    """A user's number, that of its group (or of another one in its place), and those of all its groups."""
    entry = pwd.getpwnam(name)
    first = entry.pw_gid if own is None else own
    return entry.pw_uid, first, os.getgrouplist(name, first)


def drop_to(name, umask=None, own=None):
    """Makes this process the user's, for good; without a name it stays whose it is."""
    if umask is not None:
        os.umask(umask)
    if name:
        person, first, groups = numbers(name, own)
        os.setgroups(groups)
        os.setgid(first)
        os.setuid(person)


def user(name, umask=None):
    """The same for a child, as arguments of `subprocess`."""
    if not name and umask is None:
        return {}
    if sys.version_info < (3, 9):
        return {"preexec_fn": lambda: drop_to(name, umask)}
    options = {} if umask is None else {"umask": umask}
    if name:
        person, first, groups = numbers(name)
        options.update(user=person, group=first, extra_groups=groups)
    return options


def environment(env, name):
    """The variables of a process of this user: those of its login, as systemd gives them, and the described ones."""
    if not name:
        return env
    entry = pwd.getpwnam(name)
    # systemd leaves out a home that is none.
    login = {"HOME": entry.pw_dir} if entry.pw_dir not in ("", "/") else {}
    if os.path.basename(entry.pw_shell) not in ("nologin", "false", "true"):
        login["SHELL"] = entry.pw_shell
    return {**login, **env}


def owner(seen):
    """The user and the group of a process, for a child that looks at it; root stays root."""
    if not seen.st_uid:
        return {}
    if sys.version_info < (3, 9):
        return {"preexec_fn": lambda: (os.setgid(seen.st_gid), os.setuid(seen.st_uid))}
    return {"user": seen.st_uid, "group": seen.st_gid}
