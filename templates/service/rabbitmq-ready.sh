#!/bin/bash
# Ready is: the broker answers AMQP's greeting with a frame of a method. It opens its port last.
while :; do
  if { exec 3<>/dev/tcp/127.0.0.1/5672; } 2>/dev/null; then
    printf 'AMQP\0\0\x09\x01' >&3
    IFS= read -r -N 1 -t 1 answer <&3
    exec 3>&-
    [ "$answer" = $'\x01' ] && exit 0
    echo "the answer was: $answer"
  else
    echo "nothing listens on port 5672"
  fi
  sleep 0.05
done
