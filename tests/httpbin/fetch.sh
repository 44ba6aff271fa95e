#!/bin/sh
# Fetches the release to rehearse, httpbin's own wheel, from the package index:  fetch.sh OUTDIR
# pip's variables (PIP_INDEX_URL, PIP_CERT, ...) are honoured.
set -eu
[ $# -eq 1 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
    --only-binary :all: --dest "$1" httpbin==0.10.2
ls "$1"/httpbin-0.10.2-*.whl
