#!/bin/sh
# Packs what runs on this host, a folder with a Procfile:  release.sh OUTDIR
set -eu
tar -C "$(dirname "$0")/../../apps" --exclude __pycache__ --exclude critical --sort=name --owner=0 --group=0 \
    --numeric-owner --mtime=@1767225600 -czf "$1/errands-1.0.tar.gz" errands
