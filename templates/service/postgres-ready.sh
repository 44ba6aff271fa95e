#!/bin/sh
# Ready is: the cluster took this run's password, which stands on standard input.
sql=$(cat)
while :; do
  seen=$(printf '%s\n' "$sql" | setpriv --reuid postgres --regid postgres --clear-groups \
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host /run/postgresql --dbname postgres 2>&1) && exit 0
  printf '%s\n' "$seen" | sed -n 1p
  sleep 0.02
done
