#!/bin/sh
# Builds what runs on this host:  release.sh OUTDIR
set -eu
exec "$(dirname "$0")/../../apps/noticeboard/build.sh" 1.1 "$1"
