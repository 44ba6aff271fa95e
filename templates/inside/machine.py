"""What the machine is made of, as the report tells it: the system, its Python, its libraries."""

import os
import ssl
import sys


def facts():
    return {
        "system": system(),
        "architecture": os.uname().machine,
        "python": sys.version.split()[0],
        "openssl": ssl.OPENSSL_VERSION,
        "libc": libc(),
        "packages": packages(),
    }


def system():
    """Such as `Debian GNU/Linux 12 (bookworm), 12.9`: the name, and the point release."""
    name, point = "", ""
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            for line in file:
                if line.startswith("PRETTY_NAME="):
                    name = line.split("=", 1)[1].strip().strip('"')
    except OSError:
        pass
    try:
        with open("/etc/debian_version", encoding="utf-8") as file:
            point = file.read().strip()
    except OSError:
        pass
    return ", ".join(part for part in (name, point) if part)


def libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):  # not the GNU one
        return ""


def packages():
    """The installed Debian packages, as `name=version`; read from dpkg's own list, which is ten
    times as fast as asking dpkg."""
    found: list = []
    entry: dict = {}
    try:
        with open("/var/lib/dpkg/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line == "\n":
                    take(entry, found)
                    entry = {}
                elif line.startswith(("Package: ", "Status: ", "Version: ")):
                    key, value = line.split(": ", 1)
                    entry[key] = value.strip()
    except OSError:
        pass
    take(entry, found)
    return sorted(found)


def take(entry, found):
    if entry.get("Status", "").endswith(" installed") and "Package" in entry and "Version" in entry:
        found.append(f"{entry['Package']}={entry['Version']}")
