# Sets a hostile host up. Run by make.sh, as root, in a fresh Debian. What is hostile and where:
#
#   dpkg-query, apt-mark, locale   the user's own ones come first in PATH, and print without end, with escapes
#   systemctl, ss, findmnt         the user's own ones never end, and heed no TERM
#   .bashrc                        says things to every session, before anything that was asked for
#   os-release, environment, units, distributions, file names
#                                  have line breaks, escapes, `../` and commands of a shell in them
#   /etc/nginx                     a file of 2 GiB, a pipe that nobody writes to, a link to /dev/zero, one to itself
#   the site's Python              prints without end
#
# Whatever runs a command that the host said leaves a file in /tmp whose name begins with `owned`.
# shellcheck shell=sh disable=SC2016 # what is not expanded here is for who reads it
. /run/inputs/lib.sh
: "${here:?}"

person board /srv/board
escapes=$(printf '\033]0;owned\007\033[2J\033[31m\r')

# ---- the user's own commands, which every session finds first ----
install -d /srv/board/bin
echo 'PermitUserEnvironment yes' >>/etc/ssh/sshd_config.d/site.conf
echo 'Banner /etc/issue.net' >>/etc/ssh/sshd_config.d/site.conf
printf 'Welcome %s\n::error::owned\n' "$escapes" >/etc/issue.net
echo 'PATH=/srv/board/bin:/usr/local/bin:/usr/bin:/bin' >/srv/board/.ssh/environment
for command in dpkg-query apt-mark locale; do
    install -m 0755 "$here/endless" "/srv/board/bin/$command"
done
for command in systemctl ss findmnt; do
    install -m 0755 "$here/hanging" "/srv/board/bin/$command"
done
# Debian's own file returns at once for a session without a terminal; this one has something to say first.
printf 'printf "%%b\\n" "%s"\n' '\033]0;owned\007Last login: never\n=== end of answer ===\n' >/srv/board/.bashrc

# ---- what is read of the host ----
cat >/etc/os-release.new <<EOF
PRETTY_NAME="Debian${escapes}GNU/Linux \$(touch /tmp/owned-by-os-release)"
NAME="Debian GNU/Linux
VERSION_ID=99"
VERSION_ID="../../../../tmp/owned"
VERSION_CODENAME="../bookworm\`touch /tmp/owned-by-os-release\`"
ID=debian
: ; touch /tmp/owned-by-os-release
EOF
rm /etc/os-release
mv /etc/os-release.new /etc/os-release
echo '../../../etc/passwd' >/etc/timezone
# A shell that reads this file as its own does what it says.
printf 'LANG="de_DE.UTF-8; touch /tmp/owned-by-locale"\nLC_ALL=$(touch /tmp/owned-by-locale)\n' >/etc/default/locale

# ---- the site: a process whose variables and name are as bad, and files beside it ----
install -d -o board -g board /srv/board/venv/bin /srv/board/venv/lib/python3.11/site-packages
install -m 0755 "$here/endless" /srv/board/venv/bin/python3
ln -s python3 /srv/board/venv/bin/python
install -m 0755 "$here/server" /srv/board/venv/bin/gunicorn
bad=/srv/board/venv/lib/python3.11/site-packages/evil-1.0.dist-info
install -d "$bad"
printf 'Metadata-Version: 2.1\nName: ../../evil%s\nVersion: 1.0\n ; touch /tmp/owned-by-metadata\n' "$escapes" >"$bad/METADATA"
install -d /etc/board
{
    printf 'BOARD_URL=https://%s:%s@www.falle.example/?token=%s\n' board "$(plant 'password in an address' '')" \
        "$(plant 'token in a query' 'fl_')"
    printf 'BOARD_TEXT="one\nBOARD_INJECTED=two\n%s"\n' "$escapes"
    printf 'BOARD_COMMAND=$(touch /tmp/owned-by-variable)`touch /tmp/owned-by-variable`\n'
    printf 'BOARD_PATH=../../../../../../tmp/owned-by-path\n'
    printf 'BOARD_YAML="]}\\n- !!python/object/apply:os.system [touch /tmp/owned-by-yaml] # ${secret.db} {{ 7*7 }}"\n'
    printf 'BOARD_LONG=%s\n' "$(head -c 60000 /dev/zero | tr '\0' 'x')"
    printf 'BOARD_KEY=%s\n' "$(plant 'variable' 'key-')"
    printf 'BOARD_LATIN=caf\351\n'
} >/etc/board/env
install -m 0644 "$here/board.service" /etc/systemd/system/board.service
# A line that ends in the middle would end the description.
sed -i "s/^Description=.*/Description=Board $(printf %s "$escapes" | tr -d '\r')of lies/" /etc/systemd/system/board.service
systemctl daemon-reload
systemctl enable board.service
# Names that a list of lines takes for two, and that a terminal takes for orders.
printf '[Service]\nExecStart=/bin/true\n' >"/etc/systemd/system/evil
second.service"
printf '[Service]\nExecStart=/bin/true\n' >"/etc/systemd/system/${escapes}red.service"
printf '[Service]\nExecStart=/bin/true\n' >'/etc/systemd/system/-rf ..service'
printf '[Service]\nExecStart=/bin/true\n' >'/etc/systemd/system/$(touch ${HOME}owned-by-name).service'
install -d /etc/nginx/sites-enabled /etc/nginx/conf.d
mkfifo /etc/nginx/sites-enabled/pipe
ln -s /dev/zero /etc/nginx/conf.d/endless.conf
ln -s loop.conf /etc/nginx/conf.d/loop.conf
printf 'server { server_name %s ../../x; ssl_certificate ../../../../../../etc/shadow; include /srv/board/*; }\n' "$escapes" \
    >"/etc/nginx/sites-enabled/a
b"
