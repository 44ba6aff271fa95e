#!/bin/bash
# Runs one image's script, with what builds may use, and leaves nothing of that behind.
set -eu -o pipefail
cd /stagectl-build
say() { printf '::doing %s\n' "$*"; }
warn() { printf '::warn %s\n' "$*"; }
fail() { printf '::fail %s\n' "$*"; exit 65; }
export UV_NO_PROGRESS=1 UV_LINK_MODE=copy UV_CACHE_DIR=/stagectl-build/cache UV_PYTHON_DOWNLOADS=never
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore HOME=/root
. ./variables.sh
. ./script.sh
cd /
rm -rf /stagectl-build
