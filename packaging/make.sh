#!/usr/bin/env bash
# Makes everything that is handed out, but for the image, in FOLDER (dist/): the wheel, the tarball, the Debian
# package, all with the same program in them, and SHA256SUMS.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist}
program=${CARGO_TARGET_DIR:-target}/dist/release/stagectl

mkdir -p "$out"
# Of an earlier version, or of another commit.
rm -f "$out"/stagectl-* "$out"/stagectl_* "$out/SHA256SUMS"
packaging/build.sh "$out"
packaging/tarball.sh "$program" "$(uname -m)-linux-gnu" "$out" >/dev/null
packaging/deb.sh "$out"
(cd "$out" && sha256sum stagectl-* stagectl_* >SHA256SUMS && cat SHA256SUMS)
