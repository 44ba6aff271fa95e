# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}"

speak de_DE.UTF-8 Europe/Berlin
get nginx-light postgresql redis-server python3-venv gettext-base
person noticeboard /srv/noticeboard

# ---- the release ----
environment /srv/noticeboard/venv --require-hashes --requirement "$inputs/apps/noticeboard/source/requirements.lock"
install -d /srv/noticeboard/releases
install -m 0644 "$inputs"/release/noticeboard-*.whl /srv/noticeboard/releases
/srv/noticeboard/venv/bin/pip install --quiet --no-deps /srv/noticeboard/releases/noticeboard-*.whl
/srv/noticeboard/venv/bin/pip install --quiet --only-binary :all: gunicorn==23.0.0 rq==2.6.0
install -d -m 0750 -o noticeboard -g noticeboard /srv/noticeboard/data

# ---- its database: a password that has to be encoded in an address, one extension and one setting of its own ----
secret=$(plant 'password of PostgreSQL' 'pg')
database_password="$secret/ö@8"
encoded="$secret%2F%C3%B6%408"
plant_as 'password of PostgreSQL, whole' "$database_password"
plant_as 'password of PostgreSQL, in an address' "$encoded"
echo 'max_connections = 40' >/etc/postgresql/15/main/conf.d/noticeboard.conf
systemctl restart postgresql
runuser -u postgres -- psql --quiet --set ON_ERROR_STOP=1 <<EOF
CREATE ROLE noticeboard LOGIN PASSWORD '$database_password';
CREATE ROLE auskunft NOLOGIN;
CREATE DATABASE noticeboard OWNER noticeboard;
\c noticeboard
CREATE EXTENSION pg_trgm;
EOF
printf 'localhost:5432:noticeboard:noticeboard:%s\n' "$database_password" >/srv/noticeboard/.pgpass
chown noticeboard: /srv/noticeboard/.pgpass
chmod 0600 /srv/noticeboard/.pgpass

# ---- its cache ----
redis_password=$(plant 'password of Redis' 'rd')
sed -i -e "s/^# *requirepass .*/requirepass $redis_password/" -e 's/^# *maxmemory <bytes>/maxmemory 64mb/' /etc/redis/redis.conf
systemctl restart redis-server

# ---- its variables, which root and the app alone can read ----
install -d -m 0750 -g noticeboard /etc/noticeboard
cat >/etc/noticeboard/env <<EOF
# Variables of the notice board. After a change: systemctl restart noticeboard noticeboard-worker
DATABASE_URL=postgresql://noticeboard:$encoded@localhost:5432/noticeboard
REDIS_URL=redis://:$redis_password@localhost:6379/0
RQ_REDIS_URL=redis://:$redis_password@localhost:6379/1
SECRET_KEY="$(plant 'key of sessions' 'key ') \\"x\\" \$y"
NOTICEBOARD_ADMIN_PASSWORD='$(plant 'password of the first account' 'Grün#')'
NOTICEBOARD_PUBLIC_URL=https://www.noticeboard.example
NOTICEBOARD_BEHIND_PROXY=yes
NOTICEBOARD_DATA=/srv/noticeboard/data
NOTICEBOARD_STATIC=/srv/noticeboard/static
NOTICEBOARD_THEME=harbour
NOTICEBOARD_EDITORS=redaktion@noticeboard.example
NOTICEBOARD_WEATHER_URL=https://api.weather.example/v1/today?place=Kiel&token=$(plant 'token in a query' 'wx_')
SENTRY_DSN=https://$(plant 'user of an address' '')@sentry.example/4
PAYMENT_API_KEY=$(plant 'key of an API' 'sk_live_')
AWS_ACCESS_KEY_ID=$(plant 'id of a key' 'AKIA')
AWS_SECRET_ACCESS_KEY=$(plant 'key of a cloud' '')
; HTTP_PROXY=http://proxy.noticeboard.example:3128
EOF
chgrp noticeboard /etc/noticeboard/env
chmod 0640 /etc/noticeboard/env
# A file that the app's user can read, and that is nobody's business.
printf '[backup]\nserver = backup.noticeboard.example\nuser = board1\npassword = %s\n' \
    "$(plant 'password in a file of /etc' 'bk-')" >/etc/noticeboard/backup.conf
chgrp noticeboard /etc/noticeboard/backup.conf
chmod 0640 /etc/noticeboard/backup.conf

# ---- its units ----
install -m 0644 "$here"/units/* /etc/systemd/system/
install -d /etc/systemd/system/noticeboard.service.d
printf '[Service]\nLimitNOFILE=4096\n' >/etc/systemd/system/noticeboard.service.d/limits.conf
systemctl daemon-reload
for command in migrate collectstatic create-admin; do
    as_unit noticeboard /srv/noticeboard /etc/noticeboard/env /srv/noticeboard/venv/bin/noticeboard-admin "$command"
done
systemctl enable --now noticeboard.service noticeboard-worker.service noticeboard-tidy.timer

# ---- its proxy, with a certificate that is root's alone, and the next one, which is ready ----
authority
certificate /etc/nginx/ssl ecdsa 61 www.noticeboard.example noticeboard.example
certificate /root/next rsa 89 www.noticeboard.example noticeboard.example
install -m 0644 "$here/noticeboard.conf" /etc/nginx/sites-available/noticeboard
install -m 0644 "$here/headers.conf" /etc/nginx/snippets/noticeboard-headers.conf
ln -s ../sites-available/noticeboard /etc/nginx/sites-enabled/noticeboard
rm /etc/nginx/sites-enabled/default
nginx -t
systemctl restart nginx

# The next version of a distribution, for when there is time.
/srv/noticeboard/venv/bin/pip download --quiet --no-deps --dest /root/wheels click==8.2.1

# A /tmp in which nothing can be run.
echo 'tmpfs /tmp tmpfs noexec,nosuid,nodev,size=64m 0 0' >>/etc/fstab

# Security updates that wait for somebody to install them.
updates openssl libexpat1
