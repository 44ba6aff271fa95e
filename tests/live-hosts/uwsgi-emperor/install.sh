# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}"

speak fr_FR.UTF-8 Europe/Paris
get nginx-light uwsgi-emperor uwsgi-plugin-python3 memcached python3-venv python3-bottle sqlite3
person forum /srv/forum
person wiki /srv/wiki
usermod --append --groups adm forum

# ---- the forum: a tree, and a virtual environment beside it ----
install -d /srv/forum/app
tar -C /srv/forum/app --strip-components 1 --no-same-owner -xzf "$inputs/release/forum-1.0.tar.gz"
environment /srv/forum/venv --requirement /srv/forum/app/requirements.txt
install -d -m 0750 -o forum -g forum /srv/forum/data
install -d -o forum -g forum /srv/forum/static
install -d -m 0750 -g forum /etc/forum
cat >/etc/forum/env <<EOF
SECRET_KEY=$(plant 'key of sessions' 'dj-')
FORUM_MAIL_URL=smtp://forum:$(plant 'password in an address' '')@mail.hafen.example:587/?tls=yes
FORUM_TIDES_URL=https://marees.example/api?port=Brest&key=$(plant 'token in a query' 'mr')
FORUM_CAPTCHA_SECRET=$(plant 'key of an API' '6L')
EOF
chgrp forum /etc/forum/env
chmod 0640 /etc/forum/env

# ---- memory for sessions ----
sed -i -e 's/^-m .*/-m 32/' -e 's/^# *-c 1024/-c 256/' /etc/memcached.conf
systemctl restart memcached

# ---- the emperor: each vassal as its own user, so it stays root itself ----
sed -i -e 's/^\(uid\|gid\) *=/# &/' /etc/uwsgi-emperor/emperor.ini
printf 'd /run/forum 0755 forum www-data\nd /run/wiki 0755 wiki www-data\n' >/etc/tmpfiles.d/vassals.conf
systemd-tmpfiles --create vassals.conf
sed -e "s/@ADMIN_TOKEN@/$(plant 'variable of a vassal, which anybody may read' 'adm-')/" \
    "$here/vassals/forum.ini" >/etc/uwsgi-emperor/vassals/forum.ini
sed -e "s/@WIKI_TOKEN@/$(plant 'variable of the other vassal' 'wk-')/" \
    "$here/vassals/wiki.ini" >/etc/uwsgi-emperor/vassals/wiki.ini
install -m 0644 "$here/wiki.py.txt" /srv/wiki/wiki.py
for command in 'migrate --no-input' 'collectstatic --no-input --verbosity 0'; do
    # shellcheck disable=SC2086 # words on purpose
    as_unit forum /srv/forum/app /etc/forum/env env FORUM_HOME=/srv/forum FORUM_HOSTS=forum.hafen.example \
        /srv/forum/venv/bin/python manage.py $command
done
chmod -R u=rwX,go=rX /srv/forum/static
systemctl restart uwsgi-emperor

# ---- nginx ----
authority
certificate /etc/nginx/tls ecdsa 75 forum.hafen.example wiki.hafen.example
certificate /root/next rsa 89 forum.hafen.example wiki.hafen.example
for site in forum wiki; do
    install -m 0644 "$here/$site.conf" "/etc/nginx/sites-available/$site.conf"
    ln -s "../sites-available/$site.conf" "/etc/nginx/sites-enabled/$site.conf"
done
rm /etc/nginx/sites-enabled/default
nginx -t
systemctl restart nginx

# Security updates that wait for somebody to install them.
updates openssl libexpat1
