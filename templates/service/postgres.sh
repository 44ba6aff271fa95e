#!/bin/sh
# Starts the cluster that was baked into the image: its program, then its options.
set -e
install -d -o postgres -g postgres /run/postgresql
key=/opt/stagectl/certificate-key.pem
if [ -f "$key" ]; then
  install -o postgres -g postgres -m 600 "$key" /run/postgresql/server.key
fi
program=$1
shift
exec setpriv --reuid postgres --regid postgres --clear-groups "$program" -D /srv/postgres "$@"
