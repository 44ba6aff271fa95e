#!/usr/bin/env bash
# Makes a Debian package of the program that packaging/build.sh built: [FOLDER]
# What is in it, and what it depends on, is in Cargo.toml (`package.metadata.deb`).
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist}
target=$(realpath "${CARGO_TARGET_DIR:-target}")
VERSION=3.8.0

if ! cargo deb --version >/dev/null 2>&1; then
    PATH=$target/tools/bin:$PATH
    cargo deb --version >/dev/null 2>&1 || cargo install --quiet --locked --debug --root "$target/tools" \
        --target-dir "$target/tools/build" "cargo-deb@$VERSION"
fi
packaging/share.sh "$target/dist/release/stagectl" "$target/dist/release/share"
gzip --no-name --best "$target/dist/release/share/man/man1"/*.1
mkdir -p "$out"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0) CARGO_TARGET_DIR=$target/dist \
    cargo deb --locked --offline --no-build --no-strip --quiet --output "$out/"
