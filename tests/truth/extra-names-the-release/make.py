"""Two versions of a small package with other extras, and one that depends on it, as wheels."""

import os
import zipfile

APP = """
import importlib
import os

importlib.import_module(os.environ["NEEDS"])


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\\n"]
"""


def wheel(folder, name, version, requires=(), extras=()):
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    members = {
        f"{name}.py": APP if name == "shop" else "",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as file:
        for member, content in members.items():
            file.writestr(zipfile.ZipInfo(member), content)


wheel("dist", "shop", "1.0", ["six==1.17.0 ; extra == 'pdf'", "shop[pdf] ; extra == 'all'"], ["pdf", "all"])
# What a package index would have: a newer one, whose dependencies are its own.
wheel("index", "shop", "2.0", ["idna==3.10", "six==1.17.0 ; extra == 'pdf'"], ["pdf"])
wheel("index", "shop_theme", "1.0", ["shop"])
