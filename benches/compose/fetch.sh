#!/bin/sh
# Prints the command of Docker Compose v2: the one that is here, else the binary of Debian 13's package,
# unpacked below FOLDER and not installed:  fetch.sh FOLDER
set -eu
[ $# -eq 1 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }

if docker compose version >/dev/null 2>&1; then
    echo docker compose
    exit
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
binary=$folder/unpacked/usr/libexec/docker/cli-plugins/docker-compose
if [ ! -x "$binary" ]; then
    command -v apt-get >/dev/null || {
        echo 'fetch.sh: no Compose v2 here, and no apt to fetch it with: install the Compose plugin' >&2
        exit 75
    }
    # apt with lists and caches of its own, so that the machine's are not touched.
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    echo 'deb http://deb.debian.org/debian trixie main' >"$folder/sources.list"
    apt() {
        apt-get -qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=- \
            -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" \
            -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
            -o APT::Sandbox::User="$(id -un)" "$@" >&2
    }
    echo "fetching Docker Compose v2 out of Debian 13's package, into $folder" >&2
    apt update
    (cd "$folder" && apt download docker-compose && dpkg-deb -x docker-compose_*.deb unpacked)
    rm -rf "$folder/lists" "$folder/cache"
fi
echo "$binary"
