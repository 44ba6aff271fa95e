#!/usr/bin/env bash
# Builds the wheel, and the program in it, against the oldest glibc that a Debian with security support had:
#
#     packaging/build.sh [FOLDER]        a wheel in FOLDER (dist/), the program in target/dist/release/stagectl
#
# It is built in a container of Debian 11, made from Debian's mirror, without any network and with this machine's
# Rust toolchain and crates, read-only. What the wheel's tag says is what maturin found in the program
# (`manylinux_2_31` at most), and not what somebody wrote. Paths and times inside are always the same.
# Needs a Docker engine on this machine, mmdebstrap, Rust of rustup, and Python with venv.
set -euo pipefail
cd "$(dirname "$0")/.."

SUITE=bullseye
MATURIN=maturin==1.16.0
out=${1:-dist}
target=${CARGO_TARGET_DIR:-target}
built=$target/dist
tools=$target/tools/$MATURIN
builder=stagectl-builder:$SUITE-1

say() { echo "build: $*" >&2; }

mkdir -p "$out" "$built" "$target/tools"
if ! docker image inspect "$builder" >/dev/null 2>&1; then
    say "making $builder from Debian's mirror (once; about a minute)"
    mmdebstrap --quiet --variant=minbase --include=gcc,libc6-dev --format=tar "$SUITE" - \
        ${STAGECTL_MIRROR:+"$STAGECTL_MIRROR"} >"$built/builder.tar"
    docker import --message "packaging/build.sh" "$built/builder.tar" "$builder" >/dev/null
    rm "$built/builder.tar"
fi
if [ ! -x "$tools/bin/maturin" ]; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet "$MATURIN"
fi

sysroot=$(rustc --print sysroot)
# A distribution's own Rust needs the libraries of that machine.
[ "$sysroot" != /usr ] || { say "rustc is the distribution's: a toolchain of rustup is needed"; exit 2; }
cargo_home=${CARGO_HOME:-$HOME/.cargo}
mounts=()
for file in config.toml config; do
    [ ! -f "$cargo_home/$file" ] || mounts+=(--volume "$cargo_home/$file:/cargo/$file:ro")
done
cargo fetch --locked --quiet

# The commit, since there is no git inside.
from=$(packaging/commit.sh)
# The first day that a zip file knows. With the commit's, which C compilers look at, too, aws-lc would be compiled
# anew for each commit.
epoch=315532800
say "building ${from:-a source without git} in $builder"
docker run --rm --name "stagectl-build-$$" --network none --user "$(id -u):$(id -g)" --tmpfs "/cargo:mode=777,exec" \
    --volume "$sysroot:/rust:ro" --volume "$cargo_home/registry:/cargo/registry:ro" "${mounts[@]}" \
    --volume "$PWD:/source:ro" --volume "$(realpath "$built"):/built" --volume "$(realpath "$out"):/out" \
    --volume "$(realpath "$tools/bin/maturin"):/usr/local/bin/maturin:ro" \
    --env PATH=/rust/bin:/usr/local/bin:/usr/bin:/bin --env HOME=/tmp --env CARGO_HOME=/cargo \
    --env CARGO_NET_OFFLINE=true --env CARGO_TARGET_DIR=/built ${CARGO_BUILD_JOBS:+--env "CARGO_BUILD_JOBS=$CARGO_BUILD_JOBS"} \
    ${CARGO_PROFILE_RELEASE_OPT_LEVEL:+--env "CARGO_PROFILE_RELEASE_OPT_LEVEL=$CARGO_PROFILE_RELEASE_OPT_LEVEL"} \
    --env CARGO_TERM_COLOR=never --env STAGECTL_COMMIT="$from" --env SOURCE_DATE_EPOCH="$epoch" \
    --workdir /source "$builder" maturin build --release --locked --offline --out /out >&2
