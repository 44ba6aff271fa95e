"""The facts of the host, as the app's process has them."""

import http.client
import os
import pwd
import socket
import subprocess
import time

import become
from checks import PROGRAM, Wrong, answers, names
from checks.processes import as_owner, descendants, environment, normal, said_by_the_python

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Clock, DiagnoseJob, Families, Lookup, Temporary, User


def time_zone(job: "DiagnoseJob"):
    with open("/etc/timezone") as file:
        found = file.read().strip()
    if found != job["timezone"]:
        raise Wrong(f"the host is in {found}, described {job['timezone']}")
    script = "import time; print(time.strftime('%Z %z'))"
    leads_to = job["host"].get("localtime", found)
    shown = said_by_the_python(job, script, {"TZ": ":" + leads_to})
    mine = said_by_the_python(job, script)
    if shown != mine:
        raise Wrong(f"programs see {mine}, {leads_to} is {shown}")
    return f"{found}, {mine}"


def localtime(job: "DiagnoseJob", expected):
    """/etc/localtime"""
    found = os.path.realpath("/etc/localtime")
    if found != os.path.realpath(f"/usr/share/zoneinfo/{expected}"):
        raise Wrong(f"/etc/localtime leads to {found}, described {expected}")
    return f"{expected}, and /etc/timezone says {job['timezone']}"


def locales(job: "DiagnoseJob", expected):
    """locales"""
    listed = subprocess.run(["locale", "-a"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PROGRAM)
    known = {normal(name) for name in listed.stdout.decode("ascii", "replace").split()}
    absent = [name for name in expected if normal(name) not in known]
    if absent:
        raise Wrong(f"the host does not have {', '.join(absent)}")
    return ", ".join(expected)


def user(job: "DiagnoseJob", expected: "User"):
    """user"""
    entry = pwd.getpwnam(job["user"])
    home = expected["home"]
    if home is not None and entry.pw_dir != home:
        raise Wrong(f"the home of {entry.pw_name} is {entry.pw_dir}, described {home}")
    # Apache is root's: it is its daemon that is the app.
    own = next((pid for pid in descendants(job["process"]) if os.stat(f"/proc/{pid}").st_uid == entry.pw_uid), job["process"])
    fields = dict(line.split(":", 1) for line in as_owner(own, "status").splitlines())
    its = {int(number) for number in (fields["Gid"].split()[1], *fields["Groups"].split())}
    absent = [name for name in expected["groups"] if become.group(name) not in its]
    if absent:
        raise Wrong(f"the app is not in the group {', '.join(absent)}")
    return f"home {entry.pw_dir}, groups {', '.join(expected['groups']) or 'as usual'}"


def hostname(job: "DiagnoseJob", expected):
    """hostname"""
    found = os.uname().nodename
    if found != expected:
        raise Wrong(f"the host is called {found}, described {expected}")
    return found


def mount_rows(pid):
    """The fields of every mount of a live process (`man 5 proc`): what is mounted is the fourth, where the fifth."""
    return [line.split() for line in as_owner(pid, "mountinfo").splitlines()]


def mounts(pid):
    """Options and kind of every mount of the live process, by its folder; the last one is on top."""
    found = {}
    for line in as_owner(pid, "mountinfo").splitlines():
        own, _, of_file_system = line.partition(" - ")
        fields, (kind, _, options) = own.split(), of_file_system.split(None, 2)
        # The options of a file system that is writable may be those of a mount that is not.
        found[fields[4].encode().decode("unicode_escape")] = (
            kind, set(fields[5].split(",")), set(options.split(",")))
    return found


def size_of(mount):
    _, _, options = mount
    text = next((option[5:] for option in options if option.startswith("size=")), None)
    units = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    return text and int(text.rstrip("kmg")) * units.get(text[-1], 1)


def shown(size):
    return f"{size >> 10} KiB" if size is not None else "no size"


def temporary(job: "DiagnoseJob", expected: "Temporary"):
    """/tmp"""
    mount = mounts(job["process"]).get("/tmp")
    if mount is None:
        raise Wrong("/tmp is no file system of its own")
    kind, options, _ = mount
    # The kernel counts in whole pages.
    if expected["size"] is not None and abs(size_of(mount) - expected["size"]) >= 65536:
        raise Wrong(f"/tmp has {shown(size_of(mount))}, described {shown(expected['size'])}")
    if ("noexec" in options) == expected["exec"]:
        raise Wrong(f"/tmp is mounted {','.join(sorted(options))}, described exec: {expected['exec']}")
    return f"{kind}, {shown(size_of(mount))}, {','.join(sorted(options))}"


def shared_memory(job: "DiagnoseJob", expected):
    """/dev/shm"""
    found = size_of(mounts(job["process"])["/dev/shm"])
    if found is None or abs(found - expected) >= 65536:
        raise Wrong(f"/dev/shm has {shown(found)}, described {shown(expected)}")
    return shown(found)


def process_limits(job: "DiagnoseJob"):
    """Limit to its soft and hard value, as text, of the live process."""
    with open(f"/proc/{job['process']}/limits") as file:
        rows = file.read().splitlines()[1:]
    return {row[:26].strip(): row[26:].split()[:2] for row in rows}


def open_files(job: "DiagnoseJob", expected):
    """open files"""
    found = process_limits(job)["Max open files"]
    # A server may have raised the first number up to the second.
    if found[1] != str(expected[1]) or not expected[0] <= int(found[0]) <= expected[1]:
        raise Wrong(f"{':'.join(found)}, described {expected[0]}:{expected[1]}")
    return ":".join(found)


def limits(job: "DiagnoseJob", expected):
    """limits"""
    found = process_limits(job)
    for name, bound in expected.items():
        if found[name][1] != bound:
            raise Wrong(f"{name} is {found[name][1]}, described {bound}")
    return ", ".join(f"{name} {found[name][0]}" for name in sorted(expected))


def read_only_root(job: "DiagnoseJob", expected):
    """read-only root"""
    found = mounts(job["process"])
    if "ro" not in found["/"][1]:
        raise Wrong("the live process can write to /")
    for folder in expected:
        if folder not in found or "ro" in found[folder][1]:
            raise Wrong(f"{folder} is described as writable, and is not")
    return f"writable: {', '.join(expected)}"


def clock(job: "DiagnoseJob", expected: "Clock"):
    """clock"""
    seen = float(said_by_the_python(job, "import time; print(time.time())", environment(job["process"])))
    if abs(seen - time.time()) > 60:
        raise Wrong(f"the app has {utc(seen)}, the diagnosis {utc(time.time())}")
    # The kernel's own clock, which nothing in here shifts.
    real = real_time()
    wanted = real + expected["shift"] if "shift" in expected else expected["moment"]
    patience = 60 if "shift" in expected else 86400
    if not -60 <= seen - wanted <= patience:
        raise Wrong(f"the app has {utc(seen)}, described {utc(wanted)}")
    return f"{utc(seen)}, really {utc(real)}"


def real_time():
    plain = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}
    return float(subprocess.run(["date", "+%s"], env=plain, stdout=subprocess.PIPE, check=True,
                                timeout=PROGRAM).stdout)


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def lookup(job: "DiagnoseJob", expected: "Lookup"):
    """resolver"""
    words: dict = {"search": [], "options": []}
    with open("/etc/resolv.conf") as file:
        for line in file:
            key, *values = line.split() or [""]
            if key in words:
                words[key] = values
    if expected["search"] and words["search"] != expected["search"]:
        raise Wrong(f"search {' '.join(words['search'])}, described {' '.join(expected['search'])}")
    absent = [option for option in expected["options"] if option not in words["options"]]
    if absent:
        raise Wrong(f"resolv.conf has {' '.join(words['options'])}, described {' '.join(absent)}")
    return f"search {' '.join(words['search'])}, options {' '.join(words['options'])}"


def families(job: "DiagnoseJob", expected: "Families"):
    """address families"""
    for name, described in expected["names"].items():
        found = names.addresses(name)
        if found != described:
            raise Wrong(f"{name} leads to {', '.join(found)}, described {', '.join(described)}")
    site, health = job["names"][0], job["health"]
    for address in expected["names"][site]:
        try:
            status, _, _ = answers.request(health["url"], address)
        except (OSError, http.client.HTTPException) as error:
            raise Wrong(f"{site} does not answer at its address {address}: {error}") from error
        if status != health["status"]:
            raise Wrong(f"{site} answers {status} at its address {address}, expected {health['status']}")
    return f"{' before '.join(expected['names'][site])}; {len(expected['names'])} names in this order"


def without_ipv6(job: "DiagnoseJob", expected):
    """no IPv6"""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:
            listener.bind(("::1", 0))
    except OSError as error:
        return f"::1: {error.strerror}"
    raise Wrong("the loopback has ::1")
