# Sets the host up, as its administrator did. Run by make.sh, as root, in a fresh Debian.
# shellcheck shell=sh
. /run/inputs/lib.sh
: "${here:?}" "${inputs:?}" "${outputs:?}"

speak en_GB.UTF-8 Europe/London
get nginx-light
person admin /home/admin

# ---- static files, as every deploy copies them here ----
python3 -m zipfile -e "$inputs"/release/noticeboard-*.whl /run/unpacked
install -d /var/www/noticeboard
cp -R /run/unpacked/noticeboard/static /var/www/noticeboard/static
chmod -R u=rwX,go=rX /var/www/noticeboard

# ---- certificates that are root's alone ----
cp -R "$inputs/handed/board-db/authority" "$inputs/handed/board-db/root.pem" "$outputs"
certificate /etc/nginx/ssl rsa 61 www.noticeboard.example noticeboard.example
certificate /etc/nginx/ssl-wiki ecdsa 61 wiki.noticeboard.example

# ---- two sites: the board, and a wiki whose server has the same port on another host ----
token=$(plant 'token of the proxy' 'edge')
sed "s/@TOKEN@/$token/" "$here/noticeboard.conf" >/etc/nginx/sites-available/noticeboard
install -m 0644 "$here/wiki.conf" /etc/nginx/sites-available/wiki
install -m 0644 "$here/headers.conf" /etc/nginx/snippets/headers.conf
# What the log is like is nobody's business but root's.
install -m 0640 "$here/log.conf" /etc/nginx/conf.d/log.conf
rm /etc/nginx/sites-enabled/default
