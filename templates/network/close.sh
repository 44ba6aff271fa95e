#!/bin/sh
# Keeps the engine's host off a site's network, and sees that it is. Docker gives a bridge with IPv6 addresses of its own,
# and what listens on the host would answer there: without IPv6 on the bridge nothing of it reaches the host, and passes on
# between the site's containers all the same. Of IPv4, broadcasts would come in: no source is right on a bridge without
# address. It is in the host's network namespace.
# Says `closed` when the site's containers may start, then looks once more, at a bridge that has one of them. Lines with
# `loud` are for a person; so are the last ones where it ends with 3, which is a network that is not closed.
# Usage: close.sh INTERFACE must|may
set -u
bridge=$1
settings=/proc/sys/net

open() {
    echo "$*" >&2
    exit 3
}

loud() {
    [ "$must" = may ] || open "$*"
    echo "loud $*"
}

# The kernel adds a route with every address of IPv4.
look() {
    while read -r interface _; do
        [ "$interface" != "$bridge" ] || open "the engine's host has an address on the network"
    done < /proc/net/route
    [ -e /proc/net/if_inet6 ] || return 0
    while read -r address _ _ _ _ interface; do
        [ "$interface" != "$bridge" ] || loud "the engine's host has still the address $address on the network"
    done < /proc/net/if_inet6
}

must=$2
[ -d "$settings/ipv4/conf/$bridge" ] || open "the engine's host has no interface $bridge"
failed=$( (echo 1 > "$settings/ipv4/conf/$bridge/rp_filter") 2>&1) || loud "$failed"
# A host without IPv6 has none of these.
if [ -e "$settings/ipv6/conf/$bridge" ]; then
    failed=$( (echo 1 > "$settings/ipv6/conf/$bridge/disable_ipv6") 2>&1) || loud "$failed"
fi
look
echo closed
# What only a person has to know was said.
[ "$must" = must ] || loud() { :; }
until [ "$(ls "/sys/class/net/$bridge/brif" 2>/dev/null)" ]; do
    [ -d "$settings/ipv4/conf/$bridge" ] || open "the interface $bridge is gone"
    sleep 0.01
done
look
