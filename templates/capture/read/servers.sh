# Configurations of servers.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

configuration() {
    for file in "$@"; do
        case $file in *'
'*) continue ;; esac
        [ -e "$root$file" ] || continue
        if [ -r "$root$file" ]; then
            probe "file $file" show_text "$root$file"
        else
            printf '= unreadable %s\n. 1\n' "$file"
        fi
    done
}
unit_like() {
    for file in "$@"; do
        case $file in *'
'*) continue ;; esac
        [ -e "$root$file" ] || continue
        if [ -r "$root$file" ]; then probe "file $file" show_unit "$root$file"; else printf '= unreadable %s\n. 1\n' "$file"; fi
    done
}
# Paths below the root, as the host itself calls them.
below() {
    for file in "$@"; do
        [ -e "$file" ] && printf '%s\n' "${file#"$root"}"
    done
}
certificates() {
    for file in $(texts "$root"/etc/nginx/nginx.conf "$root"/etc/nginx/sites-enabled/* "$root"/etc/nginx/conf.d/*.conf "$root"/etc/nginx/snippets/*.conf "$root"/etc/apache2/sites-enabled/* |
        sed -n 's#^[ \t]*\(ssl_certificate\|SSLCertificateFile\|SSLCertificateChainFile\)[ \t][ \t]*["'"'"']\{0,1\}\(/[^ ;"'"'"']*\).*#\2#p' | grep -v snakeoil | inside | sort -u | head -n 20); do
        if [ -r "$root$file" ]; then
            probe "certificate $file" sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' "$root$file"
        else
            printf '= unreadable %s\n. 1\n' "$file"
        fi
    done
}
enabled() { (cd "$root/etc/apache2" && ls mods-enabled conf-enabled sites-enabled); }
