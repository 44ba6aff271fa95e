#!/bin/sh
# Runs a program, wherever the image has it, as the user $1, or as whom the image says.
user=$1
shift
[ "$(id -u)" != 0 ] || set -- setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
exec "$@"
