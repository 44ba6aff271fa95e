# Folders and files of the app, and what cron starts.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# Where variables and commands lead: what is there, and whose it is.
places() {
    inside | sort -u | head -n 200 | while read -r path; do
        case $path in /|/proc/*|/sys/*|/dev/*|/usr/bin*|/bin*|/usr/sbin*|/sbin*|/usr/local/*bin*) continue ;; esac
        [ -e "$root$path" ] || continue
        show_place "$root$path"
        # What lies in the app's own folder: its data, mostly.
        case $path in /srv/* | /opt/* | /home/* | /var/lib/* | /var/www/*) ls -d "$root$path"/*/ 2>/dev/null | head -n 20 | while read -r below; do show_place "$below"; done ;; esac
    done
}
owned_changes() {
    # What dpkg knows of /etc, with the sums of what it put there; then what is there.
    {
        awk '/^Conffiles:/ { on = 1; next } /^[^ ]/ { on = 0 } on { print "sum", $2, $1 }' "$root/var/lib/dpkg/status"
        sed -n 's#^/etc/#own /etc/#p' "$root"/var/lib/dpkg/info/*.list
        (cd "$root/" && bounded find etc -xdev -type f -size -256k -readable \
            ! -path 'etc/ssl/certs/*' ! -path 'etc/alternatives/*' ! -path 'etc/systemd/*' ! -path 'etc/ssh/*' ! -path 'etc/rc?.d/*' ! -path 'etc/apt/*' \
            ! -name '*.key' ! -name '*.pem' ! -name '*~' ! -name '*.dpkg-*' ! -name '*-' ! -name '.*' ! -name 'shadow*' ! -name 'gshadow*' ! -name 'sudoers*' \
            -exec md5sum {} + | sed 's#^\([0-9a-f]*\)  etc/#is \1 /etc/#')
    } | awk '
        $1 == "sum" { sum[$3] = $2; next } $1 == "own" { own[$2] = 1; next }
        $1 == "is" { path = substr($0, 37); if (path in sum) { if (sum[path] != $2) print "changed " path } else if (!(path in own)) print "added " path }' |
        grep -vE ' /etc/(passwd|group|networks|profile$|inputrc|nanorc|security/|bash|skel/|subuid|subgid|hostname|hosts|resolv\.conf|fstab|mtab|machine-id|timezone|localtime|ld\.so\.cache|adjtime|shells|environment|locale\.(gen|conf)|default/locale|ca-certificates\.conf|debian_version|mailname|aliases|mailcap|network/|papersize|os-release|issue|motd|init\.d|pam\.d|cron\.|logrotate\.d|profile\.d|nsswitch\.conf|gai\.conf|debconf\.conf|update-|dpkg/|\.pwd\.lock|emacs|java|X11|vim|fonts|xml|sgml|perl|python3|dbus|rc|udev|modules|cloud|netplan|ssl/|nginx/|apache2/|uwsgi|supervisor/|postgresql|mysql|redis|rabbitmq|memcached)' | head -n 60
}
scheduled() {
    for file in "$root"/etc/cron.d/* "$root/etc/crontab"; do
        [ -f "$file" ] && [ -r "$file" ] || continue
        awk "$harmless"'/^[ \t]*[0-9*@]/ { print cleaned_command($0) }' "$file"
    done
    [ -z "$root" ] || return 0
    bounded crontab -l 2>/dev/null | awk "$harmless"'/^[ \t]*[0-9*@]/ { print "own " cleaned_command($0) }'
    # Root may see those of the app's users, too.
    [ "$(id -u)" = 0 ] || return 0
    for pid in $pids; do stat -c %U "/proc/$pid"; done 2>/dev/null | sort -u | grep -v '^root$' | head -n 20 | while read -r user; do
        { bounded crontab -l -u "$user" 2>/dev/null || cat "/var/spool/cron/crontabs/$user" 2>/dev/null; } | head -c 65536 |
            user=$user awk "$harmless"'/^[ \t]*[0-9*@]/ { print "of " ENVIRON["user"] " " cleaned_command($0) }'
    done
}
