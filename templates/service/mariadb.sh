#!/bin/sh
# Starts the server that was baked into the image.
set -e
install -d -o mysql -g mysql /run/mysqld
server=$(command -v mariadbd || command -v mysqld)
exec setpriv --reuid mysql --regid mysql --clear-groups "$server" --defaults-file=/srv/mariadb.cnf "$@"
