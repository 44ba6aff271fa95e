# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}"

speak en_GB.UTF-8 Europe/London
get nginx-light supervisor redis-server python3-venv zip
person errands /home/errands

# ---- the folder, and its virtual environment, both below /opt ----
install -d /opt/errands/app
tar -C /opt/errands/app --strip-components 1 --no-same-owner -xzf "$inputs/release/errands-1.0.tar.gz"
environment /opt/errands/env --requirement /opt/errands/app/requirements.txt
install -d -m 0770 -o errands -g www-data /var/lib/errands

# What ran here before.
/opt/errands/env/bin/pip download --quiet --no-deps --dest /root/wheels gunicorn==22.0.0

# ---- Redis ----
password=$(plant 'password of Redis, on a command line too' 'redis-')
sed -i -e "s/^# *requirepass .*/requirepass $password/" -e 's/^# *maxmemory-policy noeviction/maxmemory-policy allkeys-lru/' \
    -e 's/^appendonly no/appendonly yes/' /etc/redis/redis.conf
systemctl restart redis-server

# ---- supervisord ----
sed -e "s/@REDIS_PASSWORD@/$password/" -e "s/@SECRET_KEY@/$(plant 'key of sessions, with a percent sign' 'ek-')/" \
    -e "s/@STATS_KEY@/$(plant 'token in a query' 'st_')/" -e "s/@GITLAB_TOKEN@/$(plant 'key of an API' 'glpat-')/" \
    -e "s/@SMTP_PASSWORD@/$(plant 'password in an address' '')/" "$here/errands.conf" >/etc/supervisor/conf.d/errands.conf
# A file that belongs to no package, and that the app's user can read.
printf 'machine api.werft.example login errands password %s\n' "$(plant 'password in a file of /etc' 'netrc-')" >/etc/errands.netrc
chown root:errands /etc/errands.netrc
chmod 0640 /etc/errands.netrc
# Its shell tells the same to whoever logs in.
printf 'export ERRANDS_CLI_TOKEN=%s\n' "$(plant 'variable of a login' 'cli-')" >>/home/errands/.profile
supervisorctl update
systemctl restart supervisor

# ---- nginx, which believes the balancer ----
install -m 0644 "$here/nginx.conf" /etc/nginx/sites-available/errands
ln -s ../sites-available/errands /etc/nginx/sites-enabled/errands
rm /etc/nginx/sites-enabled/default
nginx -t
systemctl restart nginx

# Security updates that wait for somebody to install them.
updates openssl libexpat1
