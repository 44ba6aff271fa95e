#!/bin/sh
# The first process of a replica's host: puts the rehearsal's root where the site's programs look
# for roots, then waits. Everything else is started beside it, and its orphans end here.
trap 'exit 0' TERM INT
root=/opt/stagectl/root.pem
if [ -f "$root" ]; then
  # The system's bundle and folder, and every certifi bundle that the release or the suite brings.
  { echo /etc/ssl/certs/ca-certificates.crt; cat /opt/stagectl/bundles.txt 2>/dev/null; } |
  while read -r bundle; do
    [ -f "$bundle" ] && cat "$root" >> "$bundle"
  done
  ln -sf "$root" "/etc/ssl/certs/$(openssl x509 -noout -hash -in "$root").0"
fi
if [ -f /opt/stagectl/moment ]; then
  # libfaketime counts from the real time; a moment is where the site's clock starts.
  printf '%+d\n' "$(($(cat /opt/stagectl/moment) - $(date +%s)))" > /etc/faketimerc
fi
: > /run/stagectl.ready
while :; do sleep 86400 & wait; done
