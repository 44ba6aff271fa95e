# shellcheck shell=bash
# Like the official image: the cluster is made at the first start, and each `down -v` takes it away.
# Nothing is synced, as in stagectl's replicas.
set -eu
bin=/usr/lib/postgresql/15/bin
data=/var/lib/postgresql/cluster
if [ ! -s "$data/PG_VERSION" ]; then
    "$bin/initdb" --pgdata "$data" --encoding UTF8 --locale C.UTF-8 --auth-local trust \
        --auth-host scram-sha-256 --no-sync >/dev/null
    echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
    printf '%s = off\n' fsync synchronous_commit full_page_writes >>"$data/postgresql.conf"
    "$bin/pg_ctl" --pgdata "$data" --wait --silent --log /tmp/init.log -o "-c listen_addresses=''" start
    psql --quiet --set ON_ERROR_STOP=1 --dbname postgres --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE noticeboard LOGIN PASSWORD :'password';
CREATE DATABASE noticeboard OWNER noticeboard;
SQL
    "$bin/pg_ctl" --pgdata "$data" --wait --silent --mode fast stop
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*'
