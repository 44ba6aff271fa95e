#!/bin/sh
# Gives files and folders to whom they belong: the host alone knows the numbers of its users. A line for each:
# its mode, USER:GROUP and its path. May be run again, when files were put in anew.
set -e
while read -r mode owner path; do
  chown -h "$owner" "$path"
  # A link has no mode of its own; of others, a change of owner takes some bits away.
  [ -h "$path" ] || chmod "$mode" "$path"
done < /opt/stagectl/owners.txt
