"""A read-only root for some of the site's processes, made as systemd's `ProtectSystem=strict` makes
it: a mount namespace of their own, in which every file system is read-only but `/dev`, `/proc`,
`/sys` and the chosen folders. It is made between fork and exec, so nobody else sees it.
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
FLAGS = {"nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC}
PR_CAPBSET_DROP, CAP_SYS_ADMIN = 24, 21
LEFT_ALONE = ("/dev", "/proc", "/sys")


def call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def missing(folders):
    """The folders that are not there: a bind mount needs them."""
    return [folder for folder in folders if not os.path.isdir(folder)]


def mount(source, target, flags):
    encoded = source.encode() if source else None
    call("mount", encoded, target.encode(), None, ctypes.c_ulong(flags), None)


def mounts():
    """Mount points and their options, in the order in which they were mounted."""
    with open("/proc/self/mountinfo") as file:
        rows = [line.split() for line in file]
    return [(row[4].encode().decode("unicode_escape"), row[5].split(",")) for row in rows]


def is_below(path, folders):
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def make_root_read_only(writable, folder):
    """For the child, as root: from here on only the writable folders can be written to."""
    call("unshare", CLONE_NEWNS)
    mount("none", "/", MS_REC | MS_PRIVATE)
    for path in writable:
        mount(path, path, MS_BIND | MS_REC)
    for path, options in mounts():
        if not is_below(path, LEFT_ALONE) and not is_below(path, writable):
            kept = sum(flag for word, flag in FLAGS.items() if word in options)
            mount(None, path, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    # The working folder was entered before there was another mount on it.
    os.chdir(folder)


def give_up_mounting():
    """For the child, as root: neither it nor what it runs can undo the above."""
    call("prctl", PR_CAPBSET_DROP, ctypes.c_ulong(CAP_SYS_ADMIN), 0, 0, 0)
