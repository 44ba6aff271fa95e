"""What is tried from inside a replica, and what came of it: a word or the kernel's own error each."""
import ctypes
import errno
import json
import os
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

libc = ctypes.CDLL(None, use_errno=True)
PATIENCE = 5.0  # seconds; what takes so long is answered by nobody
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
PTRACE_ATTACH = 16
IP_RECVERR, IPV6_RECVERR = 11, 25  # a datagram's fate is told, as resolvers ask for
FS_IOC_FSGETXATTR = 0x801C581F


def name(error):
    return errno.errorcode.get(error.errno, str(error)) if error.errno else str(error)


def call(function, *arguments):
    if getattr(libc, function)(*arguments) == -1:
        return errno.errorcode[ctypes.get_errno()]
    return "done"


def in_a_child(work):
    """What it changes is the child's alone."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        try:
            answer = work()
        except OSError as error:
            answer = name(error)
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.wait()
    with os.fdopen(reader) as file:
        return file.read()


def mount(source, target, kind, flags):
    encoded = [text.encode() if text else None for text in (source, target, kind)]
    return call("mount", *encoded, ctypes.c_ulong(flags), None)


def reads(path):
    try:
        with open(path, "rb") as file:
            return "read" if file.read(1) else "empty"
    except OSError as error:
        return name(error)


def writes(path):
    """Opens for writing, and writes nothing."""
    try:
        os.close(os.open(path, os.O_WRONLY))
        return "written"
    except OSError as error:
        return name(error)


def makes(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        return "made"
    except OSError as error:
        return name(error)


def told_its_fate(family, kind, protocol=0):
    found = socket.socket(family, kind, protocol)
    found.settimeout(PATIENCE)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    found.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    if family == socket.AF_INET6:
        found.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    return found


def numeric(address, port):
    """Family and address, with the interface of one that has it behind a `%`."""
    family, _, _, _, place = socket.getaddrinfo(address, port, flags=socket.AI_NUMERICHOST)[0]
    return family, place


def connects(address, port, kind=socket.SOCK_STREAM):
    try:
        family, place = numeric(address, port)
        with told_its_fate(family, kind) as found:
            found.connect(place)
            if kind == socket.SOCK_DGRAM:
                found.send(b"stagectl")
                # The kernel tells a datagram's fate with the next call.
                found.recv(1)
        return "connected"
    except OSError as error:
        return name(error)


def raw_socket():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
        return "opened"
    except OSError as error:
        return name(error)


def setuid_program():
    """The effective user of a program that is root's and setuid."""
    with subprocess.Popen(["/usr/bin/passwd"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as child:
        try:
            is_setuid = os.stat("/usr/bin/passwd").st_mode & stat.S_ISUID
            lines = status(child.pid)
            return "setuid, runs as root" if is_setuid and lines["Uid"].split()[1] == "0" else "runs as the user"
        finally:
            child.kill()


def status(pid="self"):
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def others_variables():
    """Who else's variables can be read: processes of other users."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid != os.getuid() and reads(f"/proc/{pid}/environ") == "read":
                found.append(pid)
        except OSError:
            continue
    return found


def block_devices():
    found = []
    for name_ in os.listdir("/dev"):
        if stat.S_ISBLK(os.stat(f"/dev/{name_}", follow_symlinks=False).st_mode):
            found.append(name_)
    return found


def own_address():
    with open("/etc/hosts") as file:
        rows = [line.split()[0] for line in file if line.strip() and not line.startswith("#")]
    return [row for row in rows if row.startswith("10.231.")]


def neighbours():
    """Where a network has its gateway as a rule: the first address of each network of ours."""
    found = [f"{a.rsplit('.', 1)[0]}.{int(a.rsplit('.', 1)[1]) // 32 * 32 + 1}" for a in own_address()]
    with open("/proc/net/if_inet6") as file:
        prefixes = {line[:16] for line in file if line.startswith("fd73")}
    for prefix in sorted(prefixes):
        own = ":".join(prefix[place:place + 4] for place in range(0, 16, 4))
        # Docker's own address of the link, and that of all on it.
        found += [f"{own}::1", "fe80::1%eth0", "ff02::1%eth0"]
    return found


def machine():
    return {
        "setuid program": setuid_program(),
        "setuid(0)": in_a_child(lambda: call("setuid", 0)) if os.getuid() else "-",
        "mount tmpfs": in_a_child(lambda: mount("none", "/mnt", "tmpfs", 0)),
        "mount proc": in_a_child(lambda: mount("none", "/mnt", "proc", 0)),
        "mount cgroup": in_a_child(lambda: mount("none", "/mnt", "cgroup", 0)),
        "umount": in_a_child(lambda: call("umount2", b"/proc/sys", 2)),
        "unshare user": in_a_child(lambda: call("unshare", CLONE_NEWUSER)),
        "setns": in_a_child(lambda: call("setns", os.open("/proc/1/ns/mnt", os.O_RDONLY), 0)),
        "mknod": call("mknod", b"/tmp/intruder-device", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
        "ptrace of the first process": in_a_child(lambda: call("ptrace", PTRACE_ATTACH, 1, None, None)),
        "bpf": call("syscall", 321, 0, None, 0),
        "/proc/sys": writes("/proc/sys/kernel/core_pattern"),
        "/proc/sysrq-trigger": writes("/proc/sysrq-trigger"),
        "/sys": writes("/sys/kernel/mm/transparent_hugepage/enabled"),
        "cgroup": makes("/sys/fs/cgroup/memory/intruder"),
        "/dev/mem": reads("/dev/mem"),
        "/proc/kcore": reads("/proc/kcore"),
        "block devices": block_devices(),
        "docker.sock": [path for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd") if os.path.exists(path)],
        "raw socket": raw_socket(),
        "chroot": in_a_child(lambda: call("chroot", b"/tmp")),
    }


def others():
    return {
        "secrets.json": reads("/opt/stagectl/secrets.json"),
        "stagectl's programs": writes("/opt/stagectl/serve.py"),
        "variables of others": others_variables(),
    }


def bound_mounts():
    """For root that has the right to mount: what is more than to take the right to write away."""
    def escapes():
        tried = {"unshare": call("unshare", CLONE_NEWNS)}
        os.makedirs("/tmp/intruder", exist_ok=True)
        tried["make /proc/sys writable"] = mount(None, "/proc/sys", None, MS_REMOUNT | MS_BIND)
        tried["/proc below its masks"] = mount("/proc", "/tmp/intruder", None, MS_BIND)
        tried["shared"] = mount("none", "/", None, MS_REC | (1 << 20))
        tried["fsopen"] = call("syscall", 430, b"cgroup", 0)
        tried["open_tree"] = call("syscall", 428, -100, b"/", 1)
        handle = os.open("/etc/hosts", os.O_RDONLY)
        tried["ioctl of the host's file system"] = call("ioctl", handle, ctypes.c_ulong(FS_IOC_FSGETXATTR), ctypes.create_string_buffer(64))
        tried["all of /proc"] = mount("/proc", "/tmp/intruder", None, MS_BIND | MS_REC)
        tried["its /sys"] = writes("/tmp/intruder/sys/kernel/core_pattern")
        tried["poisoned memory"] = call("madvise", None, ctypes.c_size_t(0), 100)
        return json.dumps(tried)
    return json.loads(in_a_child(escapes))


def looks_up(host):
    try:
        return socket.getaddrinfo(host, 443)[0][4][0]
    except socket.gaierror as error:
        return error.args[1]


def pings(address):
    try:
        family, place = numeric(address, 0)
        v6 = family == socket.AF_INET6
        with told_its_fate(family, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP) as found:
            found.connect(place)
            found.send((b"\x80" if v6 else b"\x08") + b"\0\0\0\0\0\0\1")
            found.recv(64)
        return "answered"
    except OSError as error:
        return name(error)


def on_the_link():
    """Everybody who answers to the address of all, by IPv6."""
    found = set()
    try:
        with told_its_fate(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6) as asking:
            asking.settimeout(1)
            asking.sendto(b"\x80\0\0\0\0\0\0\1", numeric("ff02::1%eth0", 0)[1])
            while True:
                found.add(asking.recvfrom(64)[1][0])
    except OSError as error:
        return sorted(found) or name(error)


def is_many(address):
    return address.startswith("ff") or address in ("224.0.0.1", "255.255.255.255")


def network(targets):
    """What is beyond the replica, by TCP, UDP, ICMP and name."""
    places = [(address, port) for address in neighbours() for port in targets.get("ports", [])]
    places += [tuple(place) for place in targets.get("places", [])]
    tries = {f"tcp {address} {port}": (connects, address, port) for address, port in places if not is_many(address)}
    for address, port in places:
        tries[f"udp {address} {port}"] = (connects, address, port, socket.SOCK_DGRAM)
    for address in sorted({address for address, _ in places if not is_many(address)}):
        tries[f"icmp {address}"] = (pings, address)
    for host in targets.get("names", []):
        tries[f"name {host}"] = (looks_up, host)
    with ThreadPoolExecutor(16) as pool:
        came = {place: pool.submit(*words) for place, words in tries.items()}
        found = {place: answer.result() for place, answer in came.items()}
    if targets.get("link"):
        found["link"] = on_the_link()
    return found


def everything():
    lines = status()
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Uid")
    found = {"status": {key: lines[key] for key in names}, "machine": machine(), "others": others()}
    found["network"] = network(json.loads(os.environ.get("TARGETS", "{}")))
    return found


def write_down(path):
    with open(path + ".new", "w") as file:
        json.dump(everything(), file)
    os.rename(path + ".new", path)


if __name__ == "__main__":
    if os.getuid() == 0:
        with open(sys.argv[1] + ".new", "w") as file:
            json.dump({**everything(), "bound mounts": bound_mounts()}, file)
        os.chmod(sys.argv[1] + ".new", 0o644)
        os.rename(sys.argv[1] + ".new", sys.argv[1])
    else:
        write_down(sys.argv[1])
    while len(sys.argv) > 2:
        time.sleep(3600)
