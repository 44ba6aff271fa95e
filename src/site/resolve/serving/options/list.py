"""Writes which options each WSGI server knows, a file each beside this one: a name a line, and behind it the
versions that know it where not all of those that were asked do.

    python3 list.py MOD_WSGI UWSGI

takes clones of github.com/GrahamDumpleton/mod_wsgi and github.com/unbit/uwsgi with their tags; gunicorn
and waitress come from the package index, by pip. The versions are those of Debian 11, 12 and 13, and later ones.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

VERSIONS = {
    "gunicorn": ["20.1.0", "23.0.0", "27.0.1"],
    "waitress": ["1.4.4", "2.1.2", "3.0.2"],
    "mod_wsgi": ["4.7.1", "4.9.4", "5.0.0", "5.0.2", "6.0.5"],
    "uwsgi": ["2.0.19.1", "2.0.21", "2.0.28", "2.0.30"],
}

GUNICORN = """
import json
from gunicorn.config import KNOWN_SETTINGS
print(json.dumps([word[2:] for s in KNOWN_SETTINGS for word in s.cli or () if word.startswith("--")]))
"""
WAITRESS = """
import getopt, json
import waitress.adjustments as adjustments
def listed(argv, short, long):
    print(json.dumps([word.rstrip("=") for word in long]))
    raise SystemExit
adjustments.getopt.getopt = listed
adjustments.Adjustments.parse_args([])
"""
UWSGI = re.compile(r'\{\s*(?:\(char \*\)\s*)?"([a-z0-9_-]+)"\s*,\s*(?:required|no|optional)_argument')


def of_python(package, version, program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder,
                        f"{package}=={version}"], check=True)
        answer = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": folder}, check=True,
                                stdout=subprocess.PIPE)
        return set(json.loads(answer.stdout))


def of_source(clone, tag, paths, pattern):
    shown = subprocess.run(["git", "-C", clone, "grep", "-hE", pattern, tag, "--", *paths],
                           check=True, stdout=subprocess.PIPE)
    return shown.stdout.decode("utf-8", "replace")


def of_mod_wsgi(clone, version):
    tag = version if version[0] < "6" else f"mod_wsgi-{version}"
    listed = subprocess.run(["git", "-C", clone, "ls-tree", "-r", "--name-only", tag, "src/server"],
                            check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    name = "src/server/wsgi_daemon.c" if version[0] >= "6" else "src/server/mod_wsgi.c"
    assert name in listed, (tag, name)
    text = subprocess.run(["git", "-C", clone, "show", f"{tag}:{name}"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    # From the directive's own function to the next one.
    start = re.search(r"^(?:static )?const char \*wsgi_add_daemon_process\(", text, re.M).start()
    end = re.search(r"^\}", text[start:], re.M).end() + start
    return set(re.findall(r'strcmp\(option, "([a-z-]+)"\)', text[start:end]))


def of_uwsgi(clone, version):
    text = of_source(clone, version, ["core", "plugins", "proto"], '"[a-z0-9_-]+", *(required|no|optional)_argument')
    return set(UWSGI.findall(text))


def main():
    mod_wsgi, uwsgi = sys.argv[1:]
    ask = {
        "gunicorn": lambda version: of_python("gunicorn", version, GUNICORN),
        "waitress": lambda version: of_python("waitress", version, WAITRESS),
        "mod_wsgi": lambda version: of_mod_wsgi(mod_wsgi, version),
        "uwsgi": lambda version: of_uwsgi(uwsgi, version),
    }
    for server, versions in VERSIONS.items():
        known = {version: ask[server](version) for version in versions}
        lines = [f"# {' '.join(versions)}: written by list.py"]
        for name in sorted(set().union(*known.values())):
            by = [version for version in versions if name in known[version]]
            lines.append(" ".join([name] if by == versions else [name, *by]))
        pathlib.Path(__file__).with_name(f"{server}.txt").write_text("\n".join(lines) + "\n")


main()
