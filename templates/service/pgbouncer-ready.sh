#!/bin/bash
# Ready is: the pooler says whether it speaks TLS.
while :; do
  if { exec 3<>/dev/tcp/127.0.0.1/6432; } 2>/dev/null; then
    printf '\0\0\0\x08\x04\xd2\x16\x2f' >&3
    IFS= read -r -N 1 -t 1 answer <&3
    exec 3>&-
    case $answer in N | S) exit 0 ;; esac
    echo "the answer was: $answer"
  else
    echo "nothing listens on port 6432"
  fi
  sleep 0.02
done
