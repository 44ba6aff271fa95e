#!/bin/sh
# Keeps the engine's host off a site's network. Docker gives a bridge with IPv6 addresses of its own, and what listens on
# the host would answer there: without IPv6 on the bridge nothing of it reaches the host, and passes on between the site's
# containers all the same. Of IPv4, broadcasts would come in: no source is right on a bridge without address.
# It is in the host's network namespace.
# Usage: close.sh INTERFACE
set -eu
settings=/proc/sys/net
if [ ! -d "$settings/ipv4/conf/$1" ]; then
    echo "the engine's host has no interface $1" >&2
    exit 1
fi
echo 1 > "$settings/ipv4/conf/$1/rp_filter"
# A host without IPv6 has none of these.
if [ -e "$settings/ipv6/conf/$1" ]; then
    echo 1 > "$settings/ipv6/conf/$1/disable_ipv6"
    while read -r address _ _ _ _ interface; do
        if [ "$interface" = "$1" ]; then
            echo "the engine's host has still the address $address on the network" >&2
            exit 1
        fi
    done < /proc/net/if_inet6
fi
