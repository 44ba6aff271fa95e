"""Collects the metadata of real wheels and sdists, and what `importlib.metadata` reads in it.

    uv lock                                        # in a folder with a pyproject.toml of your choice
    python3 tests/metadata/collect.py uv.lock /tmp/corpus.json
    STAGECTL_METADATA=/tmp/corpus.json cargo test --lib metadata::tests::what_python

The repository's own `corpus.json` was made with `--few`: the headers alone, one file of each shape.
"""

import argparse
import importlib.metadata
import io
import json
import pathlib
import re
import sys
import tarfile
import tempfile
import urllib.request
import zipfile

import tomllib

LARGEST = 3 << 20
LONGEST = 5000


def links(lock):
    """One sdist and the smallest wheel of each package that was locked from an index."""
    for package in tomllib.loads(pathlib.Path(lock).read_text())["package"]:
        wheels = sorted(package.get("wheels", []), key=lambda wheel: wheel.get("size", 0))
        for file in [*wheels[:1], package.get("sdist", {})]:
            if "url" in file and file.get("size", 0) <= LARGEST:
                yield file["url"]


def metadata_of(name, content):
    """The bytes of METADATA, or of the outermost PKG-INFO."""
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            [found] = [m for m in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", m)]
            return "wheel", wheel.read(found)
    if not name.endswith(".tar.gz"):
        return None
    with tarfile.open(fileobj=io.BytesIO(content)) as sdist:
        for member in sdist:
            if re.fullmatch(r"[^/]+/PKG-INFO", member.name):
                return "sdist", sdist.extractfile(member).read()  # type: ignore[union-attr]
    return None


def read_by_python(origin, content):
    """The fields as `importlib.metadata` reads them, each on one line."""
    with tempfile.TemporaryDirectory() as folder:
        info = pathlib.Path(folder, "x.dist-info" if origin == "wheel" else "x.egg-info")
        info.mkdir()
        (info / ("METADATA" if origin == "wheel" else "PKG-INFO")).write_bytes(content)
        fields = importlib.metadata.PathDistribution(info).metadata

        def every(name):
            return [" ".join(value.split()) for value in fields.get_all(name) or []]

        return {
            "metadata_version": fields["Metadata-Version"],
            "name": fields["Name"],
            "version": fields["Version"],
            "requires_python": next(iter(every("Requires-Python")), None),
            "requires_dist": every("Requires-Dist"),
            "dynamic": every("Dynamic"),
        }


def shape(text):
    """What a reader could stumble over: which fields there are, and which go on how."""
    headers = re.split(r"\n\r?\n", text, maxsplit=1)[0]
    kinds = set()
    for line in headers.splitlines():
        name = line.split(":")[0] if not line[:1].isspace() else "+blank" if not line.strip() else "+text"
        if name.startswith("+") or name in ("Metadata-Version", "Dynamic", "License", "Requires-Python"):
            kinds.add(name)
    version = re.search(r"Metadata-Version: *(\S+)", headers)
    return frozenset(kinds), version and version[1], "\r" in headers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lock")
    parser.add_argument("corpus")
    parser.add_argument("--few", action="store_true")
    arguments = parser.parse_args()
    found: list = []
    shapes: dict = {}
    for url in links(arguments.lock):
        name = url.rsplit("/", 1)[1]
        with urllib.request.urlopen(url, timeout=60) as answer:
            read = metadata_of(name, answer.read())
        if read is None:
            print(f"{name}: no metadata", file=sys.stderr)
            continue
        origin, content = read
        if arguments.few:
            of_shape = (origin, *shape(content.decode()))
            shapes[of_shape] = shapes.get(of_shape, 0) + 1
            if shapes[of_shape] > 1:
                continue
            # The long text is below the headers, and says nothing; one line of it has to be there.
            head, *text = re.split(r"(?<=\n)\r?\n", content.decode(), maxsplit=1)
            content = (head + "\nRequires-Dist: text\n" * bool(text)).encode()
            if len(content) > LONGEST:
                continue
        entry = {"file": name, "origin": origin, "content": content.decode()}
        found.append({**entry, "expected": read_by_python(origin, content)})
    pathlib.Path(arguments.corpus).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    counts = {kind: sum(entry["origin"] == kind for entry in found) for kind in ("wheel", "sdist")}
    print(f"{counts['wheel']} wheels and {counts['sdist']} sdists")


main()
