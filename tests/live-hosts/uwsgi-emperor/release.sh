#!/bin/sh
# Packs what runs on this host, a tree of Django:  release.sh OUTDIR
set -eu
tar -C "$(dirname "$0")/../../apps" --exclude __pycache__ --exclude critical --sort=name --owner=0 --group=0 \
    --numeric-owner --mtime=@1767225600 -czf "$1/forum-1.0.tar.gz" forum
