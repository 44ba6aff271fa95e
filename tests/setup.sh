#!/bin/sh
# Makes this machine ready for rehearsals: a running Docker engine, mmdebstrap, python3 with venv and
# openssl. Root installs and starts what is missing; anybody else is told the commands. Does only what
# is still missing, and says what it does. Bases and images are stagectl's own business.
# `tests/setup.sh tests` also sees to what the tests need beyond that: a browser, for the page of a
# report, and checkers of XML and JSON.
#
# Exit codes: 0 ready, 75 not ready (what to do is on stderr).
set -eu
purpose=${1:-rehearsals}

say() { echo "setup: $*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }
not_ready() { say "$*"; exit 75; }

# An engine that somebody else runs: DOCKER_HOST, or a Docker context that is not the default one.
engine_elsewhere() {
    [ -z "${DOCKER_HOST:-}" ] || { echo "DOCKER_HOST=$DOCKER_HOST"; return; }
    context=${DOCKER_CONTEXT:-}
    if [ -z "$context" ] && has docker; then
        context=$(docker context inspect --format '{{.Name}}' 2>/dev/null || true)
    fi
    case $context in '' | default) ;; *) echo "the Docker context \`$context\`" ;; esac
}

# Sets engine_says, to the engine's version or to why there is none.
engine_answers() {
    if engine_says=$(docker version --format '{{.Server.Version}}' 2>&1); then return; fi
    engine_says=$(echo "$engine_says" | sed '/^$/d')
    return 1
}

missing_packages() {
    if ! has mmdebstrap; then
        echo mmdebstrap
        # What it needs without root: a range of user ids of its own.
        is_root || has newuidmap || echo uidmap
    fi
    python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
    has openssl || echo openssl
    if [ "$purpose" = tests ]; then
        has chromium || echo chromium
        has xmllint || echo libxml2-utils
        # Hosts that are read by ssh, and looked at until they are well.
        has ssh || echo openssh-client
        has curl || echo curl
        python3 -c 'import jsonschema' 2>/dev/null || echo python3-jsonschema
    fi
    if has docker || [ -n "$elsewhere" ]; then return; fi
    # Since Debian 13 the client is a package of its own.
    if apt-cache show docker-cli >/dev/null 2>&1; then
        echo docker-cli
        has dockerd || echo docker.io
    else
        echo docker.io
    fi
}

install_packages() {
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 || say "apt-get update failed; trying with the package lists that are there"
    # shellcheck disable=SC2046 # words on purpose
    if ! apt-get install -qqy --no-install-recommends "$@" $(new_packages "$@") >&2; then
        not_ready "could not install $*: is the package mirror reachable from here (network, proxy)?"
    fi
}

# On a machine without package lists, Debian 13's client is only known after the first update.
new_packages() {
    case " $* " in *" docker-cli "*) return ;; *" docker.io "*) ;; *) return ;; esac
    if apt-cache show docker-cli >/dev/null 2>&1; then echo docker-cli; fi
}

# Waits until the engine answers, and no longer than SECONDS or its process lives: SECONDS [PID]
wait_for_engine() {
    tries=$(($1 * 2))
    until engine_answers; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        [ $# -lt 2 ] || kill -0 "$2" 2>/dev/null || return 1
        sleep 0.5
    done
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        say "starting Docker (systemctl start docker)"
        if systemctl start docker >&2 && wait_for_engine 20; then return; fi
        not_ready "Docker did not start: see \`journalctl -u docker\`"
    fi
    if [ -x /etc/init.d/docker ]; then
        say "starting Docker (service docker start)"
        if service docker start >&2 && wait_for_engine 10; then return; fi
    fi
    # A container, most likely: no init system here, or one whose limits cannot be set.
    has dockerd || not_ready "there is a Docker client here, but no engine: set DOCKER_HOST, or install docker.io"
    say "starting Docker (dockerd, in the background; log in /var/log/dockerd.log)"
    if has setsid; then
        setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
    else
        nohup dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
    fi
    if wait_for_engine 30 $!; then return; fi
    tail -n 5 /var/log/dockerd.log >&2
    not_ready "dockerd did not start: its last lines are above; the container may need to be privileged"
}

case ${1:-} in
'' | tests) ;;
*) not_ready "unknown argument \`$1\`: there is only \`tests\`" ;;
esac

elsewhere=$(engine_elsewhere)
missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
if [ -n "$missing" ]; then
    has apt-get || not_ready "missing: $missing; this is no Debian-like machine, install them your way"
    if is_root; then
        # shellcheck disable=SC2086 # words on purpose
        install_packages $missing
    fi
fi

reachable=no
if ! has docker && [ -n "$elsewhere" ]; then
    # stagectl needs no client, and will say what it finds.
    reachable=yes
    engine_says='(no client here, so not asked)'
elif has docker && engine_answers; then
    reachable=yes
fi
if [ "$reachable" = no ] && [ -n "$elsewhere" ] && { is_root || [ -z "$missing" ]; }; then
    not_ready "Docker does not answer at $elsewhere: $engine_says"
fi
if [ "$reachable" = no ] && is_root; then
    start_engine
    reachable=yes
fi
if [ "$reachable" = yes ] && { is_root || [ -z "$missing" ]; }; then
    if ! is_root && ! has newuidmap; then
        say "note: without root and without the package uidmap, a base can come from a registry only"
    fi
    say "ready: Docker ${engine_says} at ${elsewhere:-the local socket}, mmdebstrap, python3, openssl"
    exit 0
fi

# Without root only the commands can be said.
[ -z "${engine_says:-}" ] || [ "$reachable" = yes ] || say "Docker says: $engine_says"
say "this needs root, and you are $(id -un); run"
{
    if [ -n "$missing" ]; then
        echo "  sudo apt-get update && sudo apt-get install -y $missing"
    fi
    if [ "$reachable" = no ] && [ -z "$elsewhere" ]; then
        case "${engine_says:-}" in
        *"permission denied"*) ;;
        *) if [ -d /run/systemd/system ]; then echo "  sudo systemctl start docker"
           else echo "  sudo service docker start"; fi ;;
        esac
        case " $(id -nG) " in
        *" docker "*) ;;
        *)
            # The second is the group's list: you may be in it since your last log-in.
            case " $(id -nG "$(id -un)") " in
            *" docker "*) ;;
            *) echo "  sudo usermod -aG docker $(id -un)" ;;
            esac
            echo "  newgrp docker        # or log in again"
            ;;
        esac
    fi
} >&2
say "and then again what you just ran"
exit 75
