#!/bin/sh
# Fetches what runs on this host, a real application, from the package index:  release.sh OUTDIR
# pip's variables (PIP_INDEX_URL, PIP_CERT, ...) are honoured.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$1" ihatemoney==7.2.1
