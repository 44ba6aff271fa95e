#!/bin/sh
# A line for each of the site's processes that has ended: its role and its code, `?` where nobody saw it
# end.
for file in /run/stagectl.*.pid; do
  [ -f "$file" ] || continue
  role=${file#/run/stagectl.}
  role=${role%.pid}
  if [ -f "/run/stagectl.$role.code" ]; then
    echo "$role $(cat "/run/stagectl.$role.code")"
  elif ! kill -0 "$(cat "$file")" 2>/dev/null; then
    echo "$role ?"
  fi
done
