#!/bin/bash
# Runs one image's script, with what builds may use, and leaves nothing of that behind.
set -eu -o pipefail
cd /stagectl-build
say() { printf '::doing %s\n' "$*"; }
warn() { printf '::warn %s\n' "$*"; }
fail() { printf '::fail %s\n' "$*"; exit 65; }

# What loads files of others (building, installing, compiling, listing) is done by a user that nobody
# else is: the environment is its own for so long, and nothing beside it.
installer=10002
work=/stagectl-build/work
install -d -m 700 -o "$installer" -g "$installer" "$work" "$work/home" "$work/tmp"
as_installer() {
  setpriv --reuid "$installer" --regid "$installer" --clear-groups \
    env HOME="$work/home" TMPDIR="$work/tmp" USER=installer LOGNAME=installer "$@"
}
# Gives an environment to the installer. Of what an earlier image has in it the folders are enough: their
# files can be replaced, and are not copied into this image.
open_environment() {
  find "$1" -type d -exec chown -h "$installer:$installer" {} +
  find "$1" -maxdepth 1 -type f -links 1 -exec chown -h "$installer:$installer" {} +
}
# Gives it to the user that it is of on the live host, when nothing runs any more that had a hand in it.
close_environment() {
  as_installer bash -c 'kill -KILL -1' 2>/dev/null || true
  find "$1" -user "$installer" -exec chown -h "$2:" {} +
  find /tmp /var/tmp /run/lock /dev/shm -mindepth 1 -user "$installer" -delete 2>/dev/null || true
}

export UV_NO_PROGRESS=1 UV_LINK_MODE=copy UV_CACHE_DIR=$work/cache UV_PYTHON_DOWNLOADS=never
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore HOME=/root
[ ! -d wheels ] || chmod -R a+rX wheels
. ./variables.sh
. ./script.sh
cd /
rm -rf /stagectl-build
