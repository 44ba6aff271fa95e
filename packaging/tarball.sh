#!/usr/bin/env bash
# Packs a built program with its completions, manual pages and licences: PROGRAM KIND [FOLDER]
#
#     packaging/tarball.sh target/dist/release/stagectl x86_64-linux-gnu
#
# makes dist/stagectl-0.1.0-x86_64-linux-gnu.tar.gz, of the same bytes for the same program and commit.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1 kind=$2 out=${3:-dist}

version=$("$program" --version | cut -d ' ' -f 2)
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
name=stagectl-$version-$kind
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
packaging/share.sh "$program" "$stage/$name"
install -m 755 "$program" "$stage/$name/stagectl"
install -m 644 LICENSE-MIT LICENSE-APACHE CHANGELOG.md docs/install.md "$stage/$name/"
mkdir -p "$out"
tar --create --directory "$stage" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX "$name" | gzip --no-name --best >"$out/$name.tar.gz"
echo "$out/$name.tar.gz"
