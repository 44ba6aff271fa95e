#!/bin/bash
# Ready is: the server on port $1 answers the line $2 with one that begins with one of $3 (a|b).
while :; do
  if { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null; then
    printf '%s\r\n' "$2" >&3
    IFS= read -r -t 1 answer <&3
    exec 3>&-
    IFS='|' read -r -a wanted <<< "$3"
    for start in "${wanted[@]}"; do
      [[ "$answer" == "$start"* ]] && exit 0
    done
    echo "the answer was: $answer"
  else
    echo "nothing listens on port $1"
  fi
  sleep 0.02
done
