# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}"

speak de_DE.UTF-8 Europe/Zurich
get apache2 libapache2-mod-wsgi-py3 mariadb-server python3-venv zip
person kasse /srv/kasse
person intern /srv/intern
usermod --append --groups www-data kasse

# ---- the site that is meant: its release, its database, its configuration ----
# One of its requirements has no wheel, and is plain Python.
environment /srv/kasse/venv --no-binary debts --requirement "$here/requirements.txt"
/srv/kasse/venv/bin/pip install --quiet --no-deps ihatemoney==7.2.1
install -d -m 0750 -o kasse -g kasse /srv/kasse/belege
install -m 0644 "$here/kasse.wsgi" /srv/kasse/kasse.wsgi

password=$(plant 'password of MariaDB' 'my-')
printf '[mariadbd]\nmax_connections = 60\ncollation_server = utf8mb4_german2_ci\ncharacter_set_server = utf8mb4\n' \
    >/etc/mysql/mariadb.conf.d/60-kasse.cnf
systemctl restart mariadb
mariadb <<EOF
CREATE DATABASE kasse;
CREATE USER kasse@localhost IDENTIFIED BY '$password';
GRANT ALL ON kasse.* TO kasse@localhost;
EOF
install -d /etc/ihatemoney
cat >/etc/ihatemoney/ihatemoney.cfg <<EOF
# The till of the storehouse.
DEBUG = False
SQLALCHEMY_DATABASE_URI = "mysql+pymysql://kasse:$password@localhost/kasse?charset=utf8mb4"
SECRET_KEY = "$(plant 'key of sessions, in a file of /etc' '')"
SITE_NAME = "Kasse"
MAIL_DEFAULT_SENDER = "Kasse <kasse@lagerhaus.example>"
MAIL_SERVER = "mail.lagerhaus.example"
MAIL_PASSWORD = "$(plant 'password of mail, in a file of /etc' 'mail:')"
ACTIVATE_DEMO_PROJECT = True
SESSION_COOKIE_SECURE = True
EOF
chgrp kasse /etc/ihatemoney/ihatemoney.cfg
chmod 0640 /etc/ihatemoney/ihatemoney.cfg
# The application makes its tables when it starts; two processes would do so at the same time.
runuser -u kasse -- env IHATEMONEY_SETTINGS_FILE_PATH=/etc/ihatemoney/ihatemoney.cfg \
    /srv/kasse/venv/bin/python -c 'import ihatemoney.wsgi'

# ---- the others ----
install -m 0644 "$here/intern.wsgi" /srv/intern/intern.wsgi
install -d /srv/status
install -m 0644 "$here/status.wsgi" /srv/status/status.wsgi

# ---- Apache: what its processes have, its sites, one certificate for all of them ----
cat >>/etc/apache2/envvars <<EOF

# The till speaks German, and so do its dates.
export LANG=de_DE.UTF-8
export IHATEMONEY_SETTINGS_FILE_PATH=/etc/ihatemoney/ihatemoney.cfg
export KASSE_BELEGE=/srv/kasse/belege
export KASSE_WAEHRUNG=CHF
export KASSE_KURSE_URL='https://kurse.example/v2/latest?base=CHF&app_id=$(plant 'token in a query' 'fx')'
export KASSE_PAYPAL_SECRET=$(plant 'key of an API' 'EP')
export KASSE_FTP_URL=ftp://lager:$(plant 'password in an address' 'ftp.')@ftp.lagerhaus.example/belege
export KASSE_SMTP_TOKEN="$(plant 'token' 'SG.')"
EOF
authority
certificate /etc/apache2/tls rsa 40 '*.lagerhaus.example' lagerhaus.example
certificate /root/next ecdsa 89 '*.lagerhaus.example' lagerhaus.example
for site in 010-kasse 020-intern 030-status; do
    install -m 0644 "$here/sites/$site.conf" "/etc/apache2/sites-available/$site.conf"
    sed -i -e "s/@KASSE_TOKEN@/$(plant "variable of $site" 'tok_')/" "/etc/apache2/sites-available/$site.conf"
done
a2dissite 000-default
a2enmod ssl rewrite expires
a2ensite 010-kasse 020-intern 030-status
apache2ctl configtest
systemctl restart apache2

# Security updates that wait for somebody to install them.
updates openssl libexpat1
