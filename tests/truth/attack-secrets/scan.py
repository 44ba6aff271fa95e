"""Fails if a secret stands in one of the promised forms in what stagectl wrote."""
import collections, glob, os, re, sys
sys.path.insert(0, "app")
from forms import forms
# What nobody can find: without the letters, or not all of them (docs/trust.md).
LEFT_ALONE = {"reversed", "split2", "spaced", "gzip-b64", "rot13", "upper", "utf16", "cut-first-40", "half-only",
              "without-last-char", "sha256", "qp"}
env, long = open("secrets/envsecret").read(), open("secrets/long.key").read()[:-1]
files = [file for file in glob.glob(".stagectl/**", recursive=True) if os.path.isfile(file)]
data = {file: open(file, errors="replace").read() for file in files}
assert any("outside.jsonl" in file for file in files) and any("report.html" in file for file in files), files
secrets = {"FROMENV": env, "FROMFILE": long}
found = collections.defaultdict(set)
for name, value in secrets.items():
    for form, text in forms(value).items():
        if form in LEFT_ALONE:
            continue
        candidates = [text, *(line for line in text.split("\n") if len(line) >= 8)]
        for file, content in data.items():
            if any(len(candidate) >= 8 and candidate in content for candidate in candidates):
                found[form, name].add(file)
for (form, name), where in sorted(found.items()):
    print(form, name, sorted(where))
sys.exit(1 if found else 0)
