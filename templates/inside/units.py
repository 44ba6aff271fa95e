"""What the unit of systemd says of one process, made between fork and exec as systemd makes it: folders of
temporary files of its own (`PrivateTmp=`), homes that it does not see (`ProtectHome=`), no memory that is
writable and executable (`MemoryDenyWriteExecute=`). `man 5 systemd.exec`."""

import ctypes
import os
import platform
import struct
import tempfile

import confinement

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Systemd

TEMPORARY = ("/tmp", "/var/tmp")
HOMES = ("/home", "/root", "/run/user")
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
# The kernel's number of the architecture, and of mmap, mprotect, pkey_mprotect and shmat on it.
CALLS = {"x86_64": (0xC000003E, 9, 10, 329, 30), "aarch64": (0xC00000B7, 222, 226, 288, 196)}


def give_own_folders(unit: "Systemd", role):
    """For the child, as root: from here on it sees other folders than the host has."""
    home = unit.get("protect_home")
    if not unit.get("private_tmp") and not home:
        return
    confinement.call("unshare", confinement.CLONE_NEWNS)
    confinement.mount("none", "/", confinement.MS_REC | confinement.MS_PRIVATE)
    if unit.get("private_tmp"):
        for folder in TEMPORARY:
            own = os.path.join(tempfile.mkdtemp(prefix=f"systemd-private-{role}.service-", dir=folder), "tmp")
            os.mkdir(own)
            os.chmod(own, 0o1777)
            confinement.mount(own, folder, confinement.MS_BIND | confinement.MS_REC)
    if home:
        for folder in filter(os.path.isdir, HOMES):
            protect(folder, home)


def protect(folder, how):
    source = folder
    if how != "read-only":
        source = tempfile.mkdtemp(prefix=".stagectl-home-", dir="/run")
        os.chmod(source, 0o000 if how == "true" else 0o755)
    confinement.mount(source, folder, confinement.MS_BIND | confinement.MS_REC)
    options = dict(confinement.mounts())[folder]
    kept = sum(flag for word, flag in confinement.FLAGS.items() if word in options)
    confinement.mount(None, folder, confinement.MS_REMOUNT | confinement.MS_BIND | confinement.MS_RDONLY | kept)


def deny_writable_code():
    """For the child: neither it nor what it runs gets such memory, by the filter that systemd has for that
    (`seccomp_memory_deny_write_execute`)."""
    code = program(*CALLS[platform.machine()])
    held = ctypes.create_string_buffer(code, len(code))
    # The length, and behind padding the address.
    head = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(held)))
    zero = ctypes.c_ulong(0)
    confinement.call("prctl", PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    confinement.call("prctl", PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), head, zero, zero)


def program(architecture, mmap, mprotect, pkey_mprotect, shmat):
    """For the kernel's own machine: what asks for both gets EPERM, everything else goes on."""
    load, equal, mask, end = 0x20, 0x15, 0x54, 0x06  # BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ, BPF_ALU | BPF_AND, BPF_RET
    allow, refuse = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM
    number, machine, argument = 0, 4, 32  # offsets in `struct seccomp_data`; the last one of args[2]
    lines = [(load, 0, 0, machine), (equal, 1, 0, architecture), (end, 0, 0, allow), (load, 0, 0, number)]
    for call, bits in ((mmap, PROT_WRITE | PROT_EXEC), (mprotect, PROT_EXEC), (pkey_mprotect, PROT_EXEC), (shmat, SHM_EXEC)):
        lines += [(equal, 0, 5, call), (load, 0, 0, argument), (mask, 0, 0, bits), (equal, 0, 1, bits),
                  (end, 0, 0, refuse), (end, 0, 0, allow)]
    lines.append((end, 0, 0, allow))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
