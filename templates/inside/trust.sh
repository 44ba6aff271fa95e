#!/bin/sh
# Puts the rehearsal's root where the site's programs look for roots. May be run again, when another release
# has brought other bundles.
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
        # The next free number: several roots may have the same name.
        link=/etc/ssl/certs/$(openssl x509 -noout -hash -in "$root") number=0
        while [ -e "$link.$number" ] && [ "$(readlink "$link.$number")" != "$root" ]; do number=$((number + 1)); done
        ln -sf "$root" "$link.$number" ;;
      certifi)
        [ ! -f /opt/stagectl/bundles.txt ] || while IFS= read -r bundle; do
          # A link would lead wherever the release wants.
          [ -L "$bundle" ] || echo "$root $bundle"
        done < /opt/stagectl/bundles.txt ;;
      *) for bundle in $place; do echo "$root $bundle"; done ;;
    esac
  done |
  while read -r root bundle; do
    # A line of its signature is enough to know it by, and no bundle gets it twice.
    if [ -f "$bundle" ] && ! grep -qxF "$(tail -n 3 "$root" | sed -n 1p)" "$bundle"; then
      cat "$root" >> "$bundle"
    fi
  done
fi
