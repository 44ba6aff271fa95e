#!/bin/sh
# Removes the containers of live-like hosts, and no others:  down.sh [--images] [CONTAINER...]
#
# Those that are named, or all. With --images the images go too, those that all of them start from as well, and what
# was kept of them: keys, secrets and releases.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
label=dev.stagectl.test.live-host
images=no
case ${1:-} in
--images) images=yes; shift ;;
-*) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
esac

ours=$(docker ps --all --no-trunc --quiet --filter "label=$label")
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2086 # one id a word
    set -- $ours
fi
for container in "$@"; do
    id=$(docker inspect --format '{{.Id}}' "$container" 2>/dev/null) || continue
    case $ours in
    *"$id"*) docker rm --force --volumes "$id" >/dev/null && echo "removed $id" ;;
    *) echo "down.sh: $container is no live-like host, and stays" >&2; exit 1 ;;
    esac
done
[ "$images" = yes ] || exit 0
docker images --filter "label=$label" --format '{{.Repository}}:{{.Tag}}' | while read -r image; do
    docker rmi "$image" >/dev/null && echo "removed $image"
done
rm -rf "${CARGO_TARGET_DIR:-$here/../../target}/live-hosts"
