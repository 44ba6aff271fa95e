#!/bin/sh
# The first process of a replica's host: gives files to their owners, has the rehearsal's root put where
# the site's programs look for roots, then waits. Everything else is started beside it, and its orphans
# end here.
trap 'exit 0' TERM INT
sh /opt/stagectl/owners.sh || exit
sh /opt/stagectl/trust.sh
if [ -f /opt/stagectl/moment ]; then
  # libfaketime counts from the real time; a moment is where the site's clock starts.
  printf '%+d\n' "$(($(cat /opt/stagectl/moment) - $(date +%s)))" > /etc/faketimerc
fi
: > /run/stagectl.ready
while :; do sleep 86400 & wait; done
