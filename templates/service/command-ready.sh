#!/bin/sh
# Ready is: the command in $1 succeeds.
while :; do
  seen=$(/bin/sh -c "$1" 2>&1 </dev/null) && exit 0
  echo "not yet: $(printf '%s\n' "$seen" | tail -n 1)"
  sleep 0.02
done
