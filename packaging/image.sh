#!/usr/bin/env bash
# Makes the image for CI, `stagectl:<version>`: a small Debian with the Debian package and mmdebstrap in it.
# Made from Debian's mirror (STAGECTL_MIRROR names another), as there may be no registry: [DEB [NAME]]
set -euo pipefail
cd "$(dirname "$0")/.."
SUITE=bookworm
deb=${1:-$(find dist -name 'stagectl_*.deb' | sort | tail -n 1)}

version=$(dpkg-deb --field "$deb" Version)
version=${version%-*}
name=${2:-stagectl:$version}
packages=$(dpkg-deb --field "$deb" Depends Recommends | sed 's/^[A-Za-z]*: //; s/([^)]*)//g' | tr -d ' ' | tr '\n' ',')
echo "image: making $name from Debian's mirror (about a minute)" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Through a file: half a file system must not become an image.
# shellcheck disable=SC2016 # mmdebstrap's own shell knows `$1`, the folder
mmdebstrap --quiet --variant=minbase --include="${packages%,}" --format=tar \
    --dpkgopt=path-exclude=/usr/share/doc/* --dpkgopt=path-include=/usr/share/doc/*/copyright \
    --customize-hook="upload $deb /stagectl.deb" \
    --customize-hook='chroot "$1" dpkg --install /stagectl.deb && rm "$1/stagectl.deb"' \
    "$SUITE" "$work/image.tar" ${STAGECTL_MIRROR:+"$STAGECTL_MIRROR"} >&2
# No entry point: servers such as GitLab start a shell in it.
docker import --message packaging/image.sh --change 'CMD ["stagectl", "--help"]' --change 'WORKDIR /work' \
    --change "LABEL org.opencontainers.image.title=stagectl org.opencontainers.image.version=$version" \
    "$work/image.tar" "$name" >/dev/null
echo "$name"
