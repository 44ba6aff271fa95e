#!/bin/sh
# The way to the allowed hosts, wherever their names lead but home: not to the engine's host, its containers, what is
# on its own link (a cloud's metadata), or nobody in particular. What asks for them is refused at once.
# Usage: gateway.sh CONFIG NETWORK...   (those of the engine's other networks)
set -eu
config=$1
shift
refused=/opt/stagectl/refused.conf
networks() {
    printf '%s\n' "$@"
    # RFC 6890: this host, the loopback, link-local, multicast, reserved.
    printf '%s\n' 0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4
    # The site's own network and the engine's: the engine's host has an address there.
    ip -4 route show scope link | cut -d' ' -f1
}
for network in $(networks "$@" | sort -u); do
    ip route add unreachable "$network" table 10
    echo "$network 1;"
done > "$refused"
# Of TCP what nginx asks for, and nothing else: the engine's host is still the next hop, and perhaps the name server.
for port in 80 443; do
    ip rule add pref 10 ipproto 6 dport "$port" lookup 10
done
# From here on nothing can be changed any more.
exec setpriv --inh-caps=-all --bounding-set=-net_admin,-setpcap /usr/sbin/nginx -c "$config"
