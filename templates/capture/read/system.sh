# The system: packages and their sources, locale, time zone, resolver, mounts, accounts.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

me() {
    if [ -n "$root" ]; then
        printf 'archived\n0\n\n\n%s\n' "$(head -n 1 "$root/etc/hostname")"
        return 0
    fi
    id -un; id -u; id -Gn; uname -srm
    hostname; date +%s
}
packages() {
    awk -F': ' '
        function out() { if (name != "" && status ~ / installed$/) print name "\t" version "\t" priority "\t" essential; name = version = priority = essential = status = "" }
        /^$/ { out() }
        $1 == "Package" { name = $2 } $1 == "Version" { version = $2 } $1 == "Status" { status = $2 }
        $1 == "Priority" { priority = $2 } $1 == "Essential" { essential = $2 }
        END { out() }' "$root/var/lib/dpkg/status"
}
automatic() { awk -F': ' '$1 == "Package" { name = $2 } $1 == "Auto-Installed" && $2 == 1 { print name }' "$root/var/lib/apt/extended_states"; }
sources() {
    for file in "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*.list "$root"/etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && [ -r "$file" ] || continue
        echo "# ${file#"$root"}"
        sed -n -e 's#://[^/@ ]*@#://#g' -e '/^[ \t]*#/d' -e '/PRIVATE KEY/q' -e p "$file"
    done
}
package_keys() {
    for file in "$root"/etc/apt/keyrings/* "$root"/etc/apt/trusted.gpg.d/*; do
        [ -f "$file" ] && [ -r "$file" ] || continue
        ! grep -q 'PRIVATE KEY' "$file" && [ "$(wc -c < "$file")" -le 65536 ] || continue
        echo "# ${file#"$root"}"
        base64 < "$file"
    done
}
locale_of() { cat "$root/etc/default/locale" "$root/etc/locale.conf" | grep -E '^(LANG|LC_[A-Z]+|LANGUAGE)='; }
locales() { grep -v '^[ \t]*#' "$root/etc/locale.gen" | grep .; }
timezone() {
    cat "$root/etc/timezone" || echo
    readlink "$root/etc/localtime"
}
without_remarks() { sed -e 's/[#;].*//' -e '/^[[:space:]]*$/d' "$1"; }
mounts() { awk '{ print $2, $3, $4 }' /proc/self/mounts | head -n 400; }
rooms() { bounded df -k -P /tmp /dev/shm | awk 'NR > 1 { print $6, $2 }'; }
listening() { awk 'FNR > 1 && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | head -n 200; }
users() { awk -F: '{ print $1 ":" $3 ":" $4 ":" $6 ":" $7 }' "$root/etc/passwd"; }
groups_of() { awk -F: '{ print $1 ":" $3 ":" $4 }' "$root/etc/group"; }
