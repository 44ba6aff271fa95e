#!/bin/sh
# Starts the cluster that was baked into the image: its program, then its options.
set -e
install -d -o postgres -g postgres -m 2775 /run/postgresql
# Whoever comes by the socket is known by the number of its login.
login=/opt/stagectl/login
if [ -f "$login" ] && ! id "$(cut -d : -f 1 "$login")" >/dev/null 2>&1; then
  cat "$login" >> /etc/passwd
fi
key=/opt/stagectl/certificate-key.pem
if [ -f "$key" ]; then
  install -o postgres -g postgres -m 600 "$key" /run/postgresql/server.key
fi
program=$1
shift
exec setpriv --reuid postgres --regid postgres --clear-groups "$program" -D /srv/postgres "$@"
