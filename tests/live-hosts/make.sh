#!/bin/sh
# Builds and starts a host that stagectl did not make, as an administrator would have set it up:
#   make.sh [--network NETWORK] NAME
#
# NAME is a folder beside this file. Its install.sh is run as root in a fresh Debian that systemd has booted, and
# what comes of it is kept as an image until one of its inputs changes; a container of that image is then booted.
# On stdout, as `key=value` lines, is what a test has to know of it; what goes on is told on stderr. The container
# is the caller's to remove: down.sh.
#
# Hosts of one site are started on one network of Docker's, a /24 with the caller's own name, in the order in which
# they need each other: docker network create --subnet 10.232.0.0/24 NETWORK
#
# Nothing of the machine that builds stays on the host: its trusted roots, its proxy and the variables of pip are
# there while install.sh runs, and gone afterwards, as `capture` would find them.
#
# Needs root, Docker, mmdebstrap, curl, ssh and flock; python3 with venv for the releases.
#
# Exit codes: 0 it is up and well, 1 it is not (why is on stderr), 2 wrong usage.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)

say() { echo "make.sh: $*" >&2; }
fail() { say "$*"; exit 1; }
network=''
if [ "${1:-}" = --network ] && [ $# -gt 1 ]; then
    network=$2
    shift 2
fi
if [ $# -ne 1 ] || ! [ -f "$here/$1/host.env" ]; then
    sed -n '2,3s/^# \{0,1\}//p' "$0" >&2
    for folder in "$here"/*/; do echo "  make.sh $(basename "$folder")" >&2; done
    exit 2
fi
name=$1
# What the host says of itself: hostname, names, user, unit, scheme, health, apps and more. On a network it has the
# aliases, and the address that ends with `place`; `needs` are hosts that were made before, and handed something over;
# `well` is the command that says whether it is well, where it is not asked for a page.
names='' user='' unit='' scheme=http health=/ hostname=$name apps='' dns='' healthy=yes aliases='' place='' needs='' well=''
# shellcheck source=/dev/null
. "$here/$name/host.env"

state=${CARGO_TARGET_DIR:-$project/target}/live-hosts
mkdir -p "$state/$name"
state=$(cd "$state" && pwd)
label=dev.stagectl.test.live-host

# Takes a lock until the function's subshell ends, so that tests that start together build one image once.
locked() {
    lock=$1
    shift
    ( flock 9 && "$@" ) 9>"$lock"
}

# ---- the Debian that all of them start from ----

# The packages of a plain server, as the installer of Debian leaves one behind.
plain=systemd-sysv,dbus,libpam-systemd,openssh-server,ca-certificates,iproute2,procps,locales,tzdata,python3
base=stagectl-test-live-base:$(echo "bookworm $plain 1" | sha256sum | cut -c1-12)

make_base() {
    if docker image inspect "$base" >/dev/null 2>&1; then return; fi
    command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: run tests/setup.sh"
    say "building $base (once)"
    # The keys of ssh are each host's own, and made there.
    # shellcheck disable=SC2016 # mmdebstrap's shell says what $1 is
    mmdebstrap --quiet --variant=minbase --include="$plain" \
        --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*' bookworm "$state/base.tar" >&2
    docker import --change "LABEL $label=base" --change 'CMD ["/sbin/init"]' "$state/base.tar" "$base" >&2
    rm "$state/base.tar"
}

# ---- a container that systemd boots ----

# systemd as the first process needs its cgroups and the right to mount. Where the machine itself lacks a right,
# as in a container, `--privileged` cannot be had, so the rights are named one by one.
boot() {
    image=$1
    shift
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        set -- --privileged --cgroupns private "$@"
    else
        set -- --volume /sys/fs/cgroup:/sys/fs/cgroup:ro --cap-add ALL \
            --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined "$@"
        # CAP_SYS_RESOURCE is bit 24.
        bounding=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
        [ $((0x$bounding >> 24 & 1)) -eq 1 ] || set -- --cap-drop SYS_RESOURCE "$@"
    fi
    docker run --detach --label "$label=$name" --hostname "$hostname" --stop-signal SIGRTMIN+3 \
        --tmpfs /run --tmpfs /run/lock --env container=docker "$@" "$image" /sbin/init
}

# Waits until systemd has started all that it is to start: CONTAINER
wait_for_boot() {
    left=120
    until seen=$(docker exec "$1" systemctl is-system-running 2>&1) || [ "$seen" = degraded ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "systemd was not up after 60 s; last seen: $seen"
        sleep 0.5
    done
}

# ---- the image ----

# Everything that decides what is in the image, as one digest.
digest() {
    {
        echo "$base"
        for need in $needs; do cat "$state/$need/build"; done
        cd "$project"
        # shellcheck disable=SC2046 # an app a word
        find "tests/live-hosts/make.sh" "tests/live-hosts/lib.sh" "tests/live-hosts/$name" \
            $(for app in $apps; do echo "tests/apps/$app"; done) -type f \
            -not -path '*/__pycache__/*' -not -path '*/critical/*' -not -name changes.txt |
            LC_ALL=C sort | xargs -d '\n' sha256sum
    } | sha256sum | cut -c1-12
}

# Runs install.sh in a booted Debian, with what it needs in /run, which is in memory and so never in the image.
install_host() {
    build=$1
    docker exec "$build" mkdir -p /run/inputs/apps /run/outputs
    rm -rf "$state/$name/release"
    mkdir -p "$state/$name/release"
    if [ -x "$here/$name/release.sh" ]; then "$here/$name/release.sh" "$state/$name/release" >&2; fi
    inputs=$state/$name/inputs.tar
    tar --exclude __pycache__ -cf "$inputs" -C "$here" lib.sh "$name" -C "$state/$name" release
    for need in $needs; do
        tar -rf "$inputs" --transform "s#^$need/handed#handed/$need#" -C "$state" "$need/handed"
    done
    for app in $apps; do
        tar --exclude __pycache__ --exclude critical -rf "$inputs" -C "$project/tests" "apps/$app"
    done
    docker exec -i "$build" tar --no-same-owner -C /run/inputs -xf - <"$inputs"
    rm "$inputs"
    docker exec -i "$build" sh -c 'cat >/run/inputs/key.pub' <"$state/$name/key.pub"
    bundle=${PIP_CERT:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}
    if [ -r "$bundle" ]; then docker exec -i "$build" sh -c 'cat >/run/inputs/roots.pem' <"$bundle"; fi
    # Only the processes of this one command have these.
    set -- --env PIP_CERT=/run/inputs/roots.pem --env PIP_NO_CACHE_DIR=1 --env PIP_DISABLE_PIP_VERSION_CHECK=1
    for variable in PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_DEFAULT_TIMEOUT \
        HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
        if eval "[ -n \"\${$variable:-}\" ]"; then set -- "$@" --env "$variable"; fi
    done
    docker exec "$@" --env "LIVE_HOST=$name" "$build" sh -eu "/run/inputs/$name/install.sh" >"$state/$name/install.log" 2>&1 || {
        tail -n 30 "$state/$name/install.log" >&2
        fail "install.sh of $name failed: its last lines are above, the whole is in $state/$name/install.log"
    }
    docker exec "$build" tar -C /run/outputs -cf - . >"$state/$name/outputs.tar"
    tar --no-same-owner -C "$state/$name" -xf "$state/$name/outputs.tar"
    rm "$state/$name/outputs.tar"
    docker exec "$build" sh -c "apt-get clean; rm -rf /run/inputs /run/outputs"
}

make_image() {
    # An image is of use only with the secrets and the key that were made with it.
    if [ "$(docker image inspect --format "{{index .Config.Labels \"$label.build\"}}" "$image" 2>/dev/null)" = \
        "$(cat "$state/$name/build" 2>/dev/null || echo none)" ]; then
        return
    fi
    locked "$state/base.lock" make_base
    say "building $image"
    began=$(date +%s)
    rm -f "$state/$name/key" "$state/$name/key.pub" "$state/$name/build" "$state/$name/secrets.txt"
    ssh-keygen -q -t ed25519 -N '' -C 'live-host' -f "$state/$name/key"
    container=$(boot "$base" --label "$label.building=yes")
    trap 'docker rm --force --volumes "$container" >/dev/null' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    wait_for_boot "$container"
    install_host "$container"
    # Services write down what they have in memory.
    docker stop --time 30 "$container" >/dev/null
    build=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
    docker commit --change "LABEL $label=$name" --change "LABEL $label.build=$build" --change "LABEL $label.building=" \
        --change 'CMD ["/sbin/init"]' "$container" "$image" >/dev/null
    docker rm --force --volumes "$container" >/dev/null
    trap - EXIT INT TERM
    echo "$build" >"$state/$name/build"
    # What was built of earlier inputs here is of no use any more, unless a container of it still runs.
    earlier=$(cat "$state/$name/image" 2>/dev/null || true)
    [ -z "$earlier" ] || [ "$earlier" = "$image" ] || docker rmi "$earlier" >/dev/null 2>&1 || true
    echo "$image" >"$state/$name/image"
    say "built $image in $(($(date +%s) - began)) s, $(($(docker image inspect --format '{{.Size}}' "$image") / 1000000)) MB with its base"
}

for need in $needs; do
    [ -f "$state/$need/build" ] || fail "$name needs $need: make.sh $need before it"
done
image=stagectl-test-live-$name:$(digest)
locked "$state/$name.lock" make_image

# ---- the host ----

began=$(date +%s)
set -- --publish 127.0.0.1::22 --publish 127.0.0.1::80
[ "$scheme" = http ] || set -- "$@" --publish 127.0.0.1::443
if [ -n "$network" ]; then
    subnet=$(docker network inspect --format '{{(index .IPAM.Config 0).Subnet}}' "$network")
    set -- "$@" --network "$network" --ip "${subnet%.*}.$place"
    for alias in $aliases; do set -- "$@" --network-alias "$alias"; done
fi
# shellcheck disable=SC2086 # words on purpose
container=$(boot "$image" $dns "$@")
trap 'docker rm --force --volumes "$container" >/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -f "$here/$name/start.sh" ]; then
    wait_for_boot "$container"
    docker exec -i "$container" sh -eu <"$here/$name/start.sh"
fi
port_of() { docker port "$container" "$1/tcp" | sed -n '1s/.*://p'; }
ssh_port=$(port_of 22)
port=$(port_of 80)
[ "$scheme" = http ] || port=$(port_of 443)
first=${names%% *}

# A host that is well answers under its own name, and lets its user in.
is_well() {
    [ "$healthy" = yes ] || return 0
    if [ -n "$well" ]; then
        docker exec "$container" sh -c "$well" 2>&1
        return
    fi
    set -- --silent --show-error --fail --max-time 5 --output /dev/null --resolve "$first:$port:127.0.0.1"
    [ "$scheme" = http ] || set -- "$@" --cacert "$state/$name/root.pem"
    [ -z "${header:-}" ] || set -- "$@" --header "$header"
    curl "$@" "$scheme://$first:$port$health" 2>&1
}
lets_in() {
    ssh -F /dev/null -i "$state/$name/key" -p "$ssh_port" -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 "$1@127.0.0.1" exit 2>&1
}
left=120
until seen=$(is_well && lets_in "$user" && lets_in visitor); do
    left=$((left - 1))
    if [ "$left" -le 0 ] || [ "$(docker inspect --format '{{.State.Running}}' "$container")" != true ]; then
        docker exec "$container" systemctl --failed --no-pager --no-legend >&2 || true
        docker exec "$container" journalctl --no-pager --lines 40 >&2 || true
        fail "$name was not well; last seen: $seen"
    fi
    sleep 0.5
done
say "$name is well after $(($(date +%s) - began)) s"
trap - EXIT INT TERM

echo "container=$container"
echo "image=$image"
echo "hostname=$hostname"
[ -z "$network" ] || echo "address=${subnet%.*}.$place"
echo "ssh_port=$ssh_port"
echo "host_key=$(docker exec "$container" cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)"
echo "http_port=$(port_of 80)"
[ "$scheme" = http ] || echo "https_port=$port"
[ "$scheme" = http ] || echo "root=$state/$name/root.pem"
echo "key=$state/$name/key"
echo "user=$user"
echo "visitor=visitor"
echo "names=$names"
echo "unit=$unit"
echo "health=$health"
echo "secrets=$state/$name/secrets.txt"
for release in "$state/$name/release"/*; do
    [ ! -e "$release" ] || echo "release=$release"
done
