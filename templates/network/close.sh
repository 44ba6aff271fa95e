#!/bin/sh
# Keeps the engine's host off a site's network: Docker gives the bridge IPv6 addresses of its own, and what listens
# on the host would answer there. Without IPv6 on the bridge nothing of it reaches the host, and passes on between the
# site's containers all the same. Of IPv4, broadcasts would come in: no source is right on a bridge without address.
# It is in the host's network namespace, and the bridge is the one with an address of the site's own prefix.
# Usage: close.sh PREFIX   (the first 16 digits)
set -eu
bridge=
while read -r address _ _ _ _ interface; do
    case $address in "$1"*) bridge=$interface ;; esac
done < /proc/net/if_inet6
if [ -z "$bridge" ]; then
    echo "no interface of the engine's host has an address of the network" >&2
    exit 1
fi
echo 1 > "/proc/sys/net/ipv6/conf/$bridge/disable_ipv6"
echo 1 > "/proc/sys/net/ipv4/conf/$bridge/rp_filter"
while read -r address _ _ _ _ interface; do
    if [ "$interface" = "$bridge" ]; then
        echo "the engine's host has still the address $address on the network" >&2
        exit 1
    fi
done < /proc/net/if_inet6
