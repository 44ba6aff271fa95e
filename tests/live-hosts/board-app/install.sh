# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}"

speak de_DE.UTF-8 Europe/Berlin
get python3-venv gettext-base
person noticeboard /srv/noticeboard

# ---- the release ----
environment /srv/noticeboard/venv --require-hashes --requirement "$inputs/apps/noticeboard/source/requirements.lock"
/srv/noticeboard/venv/bin/pip install --quiet --no-deps "$inputs"/release/noticeboard-*.whl
/srv/noticeboard/venv/bin/pip install --quiet --only-binary :all: gunicorn==23.0.0
install -d -m 0750 -o noticeboard -g noticeboard /srv/noticeboard/data

# ---- it asks itself by its public name, whose certificate is of the authority of the house ----
install -m 0644 "$inputs/handed/board-db/root.pem" /usr/local/share/ca-certificates/house.crt
update-ca-certificates

# ---- its variables, which root and the app alone can read ----
install -d -m 0750 -g noticeboard /etc/noticeboard
cat >/etc/noticeboard/env <<END
DATABASE_URL=postgresql://noticeboard:$(cat "$inputs/handed/board-db/password")@db1.intern.noticeboard.example:5432/noticeboard
SECRET_KEY=$(plant 'key of sessions' 'key')
NOTICEBOARD_ADMIN_PASSWORD=$(plant 'password of the first account' 'Gruen')
NOTICEBOARD_PUBLIC_URL=https://www.noticeboard.example
NOTICEBOARD_BEHIND_PROXY=yes
NOTICEBOARD_DATA=/srv/noticeboard/data
NOTICEBOARD_STATIC=/srv/noticeboard/static
NOTICEBOARD_THEME=harbour
REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
PAYMENT_API_KEY=$(plant 'key of an API' 'sk_live_')
AWS_ACCESS_KEY_ID=$(plant 'id of a key' 'AKIA')
AWS_SECRET_ACCESS_KEY=$(plant 'key of a cloud' '')
SENTRY_DSN=https://$(plant 'user of an address' '')@sentry.example/4
END
chgrp noticeboard /etc/noticeboard/env
chmod 0640 /etc/noticeboard/env
install -m 0644 "$here"/units/* /etc/systemd/system/
