#!/bin/sh
# Starts a broker with this run's user, virtual host and password.
set -e
install -d -o rabbitmq -g rabbitmq /srv/rabbitmq
install -o rabbitmq -g rabbitmq -m 400 /opt/stagectl/definitions.json /run/stagectl-definitions.json
export HOME=/var/lib/rabbitmq RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_LOGS=-
export RABBITMQ_CONFIG_FILE=/opt/stagectl/rabbitmq.conf RABBITMQ_MNESIA_BASE=/srv/rabbitmq
# As few threads as a small live host has, whatever this machine has.
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none"
server=/usr/lib/rabbitmq/bin/rabbitmq-server
[ -x "$server" ] || server=$(command -v rabbitmq-server)
exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups "$server"
