#!/bin/sh
# The first process of a replica's host: puts the rehearsal's root where the site's programs look
# for roots, then waits. Everything else is started beside it, and its orphans end here.
trap 'exit 0' TERM INT
trust=/opt/stagectl/trust.txt
root=/opt/stagectl/root.pem
if [ -f "$root" ]; then
  # A line for each root and place: if nothing else is described, the system's bundle and folder, and
  # every certifi bundle that the release or the suite brings.
  { cat "$trust" 2>/dev/null || printf '%s\n' "$root system" "$root certifi"; } |
  while read -r root place; do
    case $place in
      system)
        echo "$root /etc/ssl/certs/ca-certificates.crt"
        ln -sf "$root" "/etc/ssl/certs/$(openssl x509 -noout -hash -in "$root").0" ;;
      certifi) sed "s|^|$root |" /opt/stagectl/bundles.txt 2>/dev/null ;;
      *) for bundle in $place; do echo "$root $bundle"; done ;;
    esac
  done |
  while read -r root bundle; do
    [ -f "$bundle" ] && cat "$root" >> "$bundle"
  done
fi
if [ -f /opt/stagectl/moment ]; then
  # libfaketime counts from the real time; a moment is where the site's clock starts.
  printf '%+d\n' "$(($(cat /opt/stagectl/moment) - $(date +%s)))" > /etc/faketimerc
fi
: > /run/stagectl.ready
while :; do sleep 86400 & wait; done
