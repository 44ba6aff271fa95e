# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${outputs:?}"

speak C.UTF-8 Etc/UTC
get postgresql
person pflege /home/pflege

# ---- for the hosts of its network, and nobody else ----
cat >/etc/postgresql/15/main/conf.d/board.conf <<END
listen_addresses = '*'
max_connections = 60
END
echo 'host noticeboard noticeboard samenet scram-sha-256' >>/etc/postgresql/15/main/pg_hba.conf
systemctl restart postgresql
password=$(plant 'password of PostgreSQL' 'pg')
runuser -u postgres -- psql --quiet --set ON_ERROR_STOP=1 <<END
CREATE ROLE noticeboard LOGIN PASSWORD '$password';
CREATE ROLE auskunft NOLOGIN;
CREATE DATABASE noticeboard OWNER noticeboard TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
\c noticeboard
CREATE EXTENSION pg_trgm;
END

# ---- what the other hosts get: a password, and the authority of the house ----
install -d "$outputs/handed"
printf %s "$password" >"$outputs/handed/password"
authority
cp -R "$outputs/authority" "$outputs/root.pem" "$outputs/handed"
