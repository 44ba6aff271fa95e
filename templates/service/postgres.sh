#!/bin/sh
# Starts the cluster that was baked into the image.
set -e
install -d -o postgres -g postgres /run/postgresql
exec setpriv --reuid postgres --regid postgres --clear-groups "$1" -D /srv/postgres
