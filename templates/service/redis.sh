#!/bin/sh
# Starts Redis, as the login $2, with a unix socket in the folder $1. On the app's host the folder is that of the
# host's login of this name, whose numbers may be others than here: it runs with those.
set -e
folder=$1
login=$2
shift 2
# As Debian's unit has it.
umask 007
[ -d "$folder" ] || install -d -o "$login" -g "$login" -m 2755 "$folder"
# The host gives it away when it starts.
looks=0
while [ "$(stat -c %u "$folder")" = 0 ]; do
  looks=$((looks + 1))
  [ "$looks" -le 3000 ] || { echo "stagectl: for a minute the host did not give $folder away" >&2; exit 1; }
  sleep 0.02
done
exec setpriv --reuid "$(stat -c %u "$folder")" --regid "$(stat -c %g "$folder")" --clear-groups "$@"
