#!/bin/sh
# Starts the server that was baked into the image.
set -e
install -d -o mysql -g mysql /run/mysqld
key=/opt/stagectl/certificate-key.pem
if [ -f "$key" ]; then
  install -o mysql -g mysql -m 600 "$key" /run/mysqld/server.key
fi
server=$(command -v mariadbd || command -v mysqld)
exec setpriv --reuid mysql --regid mysql --clear-groups "$server" --defaults-file=/srv/mariadb.cnf "$@"
