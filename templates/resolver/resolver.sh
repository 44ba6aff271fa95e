#!/bin/sh
# The resolver of a replica. Beside it, who sends to an address beyond the replica is written down: nobody
# is where the network would have its gateway, and whoever looks for a way out asks for it.
# Usage: resolver.sh GATEWAY
set -eu
tcpdump --immediate-mode -i eth0 -n -tt -l "arp and dst host $1" 2>/dev/null &
# From here on only the names: nothing can be listened in on any more.
exec setpriv --inh-caps=-all --bounding-set=-net_raw,-setpcap \
    /usr/sbin/dnsmasq --conf-file=/etc/stagectl-resolver.conf
