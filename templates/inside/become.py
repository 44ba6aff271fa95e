"""Who a child process is to be, as arguments of `subprocess`.

Programs with threads start children by these and never by `preexec_fn`: that one runs Python in the
child between fork and exec, where every lock that another thread held at that moment stays locked for
good. The library for the clock takes such a lock whenever somebody asks for the time.
"""

import grp
import os
import pwd


def group(name):
    """A group's number, by its name or the number itself."""
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid


def user(name, umask=None):
    """The user with all of its groups; nobody else without a name."""
    options = {} if umask is None else {"umask": umask}
    if name:
        entry = pwd.getpwnam(name)
        options.update(user=entry.pw_uid, group=entry.pw_gid,
                       extra_groups=os.getgrouplist(name, entry.pw_gid))
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
    """The user and the group of a process, to look at it; root stays root."""
    return {"user": seen.st_uid, "group": seen.st_gid} if seen.st_uid else {}
