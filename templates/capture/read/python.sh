# Environments of Python.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# The environments of Python: where the programs of these processes lie, and what configurations name.
environments() {
    {
        for pid in $pids; do
            tr '\000' '\n' < "/proc/$pid/cmdline" | head -n 3 | sed -n 's#^\(/.*\)/bin/[^/]*$#\1#p'
            texts $(tr '\000' '\n' < "/proc/$pid/cmdline" | sed -n 's#^\(--ini=\)\{0,1\}\(/.*\.ini\)$#\2#p') |
                sed -n 's#^[ \t]*\(virtualenv\|venv\|home\|pyhome\)[ \t]*=[ \t]*\(/[^ ]*\).*#\2#p'
            environ_of "$pid" | tr '\000' '\n' | sed -n 's#^VIRTUAL_ENV=\(/.*\)$#\1#p'
        done 2>/dev/null
        texts "$root"/etc/uwsgi/*/*.ini "$root"/etc/uwsgi-emperor/vassals/*.ini | sed -n 's#^[ \t]*\(virtualenv\|venv\|home\|pyhome\)[ \t]*=[ \t]*\(/[^ ]*\).*#\2#p'
        texts "$root"/etc/apache2/sites-enabled/* "$root"/etc/apache2/conf-enabled/* | tr ' \t' '\n\n' | sed -n 's#^python-home=["'"'"']\{0,1\}\(/[^"'"'"']*\).*#\1#p'
        { service_texts; texts "$root"/etc/supervisor/conf.d/*.conf; } | sed -n 's#^\(ExecStart\|command\)[ \t]*=[ \t]*\(/[^ ]*\)/bin/[^/ ]*.*#\2#p'
    } | inside | sort -u | while read -r folder; do
        [ -f "$root$folder/pyvenv.cfg" ] && echo "$folder"
    done | head -n 20
}
environment_of_python() {
    grep -E '^(home|version|version_info|include-system-site-packages)[ =]' "$root$1/pyvenv.cfg"
    set -- "$root$1"/lib/python3*/site-packages
    [ -d "$1" ] || return 0
    # Names and versions, then the modules of each, then those that came from a file: one line a folder.
    folder=$(basename "$(dirname "$1")")
    awk -F': ' -v folder="$folder" '
        function out() { if (name != "") print "distribution", folder, info, name, version; name = version = "" }
        FNR == 1 { out(); over = 0; info = FILENAME; sub(/\/(METADATA|PKG-INFO)$/, "", info); sub(/.*\//, "", info); gsub(/ /, "_", info) }
        over { next } { sub(/\r$/, "") } /^$/ { over = 1; next }
        $1 == "Name" && name == "" { name = $2; gsub(/ /, "", name) } $1 == "Version" && version == "" { version = $2; gsub(/ /, "", version) }
        END { out() }' $(printf '%s\n' "$1"/*.dist-info/METADATA "$1"/*.egg-info/PKG-INFO | grep -v '[[:space:]*?]')
    awk -F, '
        function out(  list, module) { list = ""; for (module in seen) list = list " " module; if (info != "") print "modules " info list; split("", seen); count = 0 }
        FNR == 1 { out(); info = FILENAME; sub(/\/RECORD$/, "", info); sub(/.*\//, "", info); gsub(/ /, "_", info) }
        $1 ~ /^[A-Za-z_][A-Za-z0-9_]*(\/__init__)?\.(py|so)$/ || $1 ~ /^[A-Za-z_][A-Za-z0-9_]*\/[^\/]*\.py$/ { module = $1; sub(/[\/.].*/, "", module); if (count++ < 200) seen[module] = 1 }
        END { out() }' "$1"/*.dist-info/RECORD
    for file in "$1"/*.egg-info/top_level.txt; do
        [ ! -f "$file" ] || echo "modules $(basename "$(dirname "$file")" | tr ' ' _) $(head -n 40 "$file" | tr '\n' ' ')"
    done
    for file in "$1"/*.dist-info/direct_url.json "$1"/*.egg-link "$1"/__editable__*.pth; do
        [ ! -f "$file" ] || echo "direct $(basename "$(dirname "$file")") $(basename "$file")"
    done
}
