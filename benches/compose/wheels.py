"""Releases that differ: the same wheel with another content, as after one more commit."""

import base64
import hashlib
import time
import zipfile
from pathlib import Path


def new_wheel(wheel: Path, folder: Path) -> Path:
    """Writes the wheel into `folder`, under its name, with a comment of its own in one module."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / wheel.name
    with zipfile.ZipFile(wheel) as source:
        content = {entry.filename: source.read(entry) for entry in source.infolist()}
    module = next(name for name in content if name.endswith("/wsgi.py"))
    record = next(name for name in content if name.endswith(".dist-info/RECORD"))
    content[module] += f"# {time.time_ns()}\n".encode()
    lines = [line for line in content[record].decode().splitlines() if not line.startswith(module)]
    digest = base64.urlsafe_b64encode(hashlib.sha256(content[module]).digest()).rstrip(b"=").decode()
    lines.append(f"{module},sha256={digest},{len(content[module])}")
    content[record] = ("\n".join(lines) + "\n").encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return target
