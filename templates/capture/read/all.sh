# All of it.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# What the app's services say of themselves, with its own URLs and its own Python: by its user, also where root reads.
ask_services() {
    python=
    for candidate in $(tr '\000' '\n' < "/proc/$1/cmdline" | head -n 3 | sed -n 's#^\(/.*/bin\)/[^/]*$#\1/python#p') \
        $(environments 2>/dev/null | sed 's#$#/bin/python#') /usr/bin/python3; do
        [ -x "$candidate" ] || continue
        case $candidate in /usr/bin/python | /bin/python) continue ;; esac
        python=$candidate
        break
    done
    [ -n "$python" ] || { echo '* unread no Python was found that could ask'; return 0; }
    user=$(stat -c %U "/proc/$1")
    # A master that is root has workers that are not: theirs is the way.
    if [ "$user" = root ]; then
        for worker in $(grep -lsE "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status | cut -d/ -f3); do
            owner=$(stat -c %U "/proc/$worker")
            case $owner in root | www-data) continue ;; esac
            user=$owner
            break
        done
    fi
    if [ "$user" = root ]; then
        echo '* unread nobody but root knows the way to them'
    elif [ "$(id -u)" = 0 ]; then
        # Read by root, who hands it on: not every user may see what a process that was root has.
        if head -c 1 "/proc/$1/environ" >/dev/null 2>&1; then
            questions | timeout -k 1 30 runuser -u "$user" -- "$python" -I -B - 3 3< "/proc/$1/environ"
        else
            questions | timeout -k 1 30 runuser -u "$user" -- "$python" -I -B - "/proc/$1/environ"
        fi
    elif [ "$(id -un)" = "$user" ]; then
        questions | timeout -k 1 30 "$python" -I -B - "/proc/$1/environ"
    else
        echo "* unread it is $user who knows the way to them"
    fi
}
main() {
    echo 'stagectl-capture 1'
    probe me me
    probe os cat "$root/etc/os-release"
    probe debian cat "$root/etc/debian_version"
    probe packages packages
    probe automatic automatic
    probe sources sources
    probe keys package_keys
    probe locale locale_of
    probe locales locales
    probe timezone timezone
    probe resolver without_remarks "$root/etc/resolv.conf"
    probe preference without_remarks "$root/etc/gai.conf"
    probe hosts without_remarks "$root/etc/hosts"
    probe users users
    probe groups groups_of
    pids=
    instances=$(known_instances 2>/dev/null)
    if [ -z "$root" ]; then
        probe mounts mounts
        probe rooms rooms
        probe listening listening
        probe first cat /proc/1/limits
        probe processes processes
        probe running running_units
        probe asked asked_unit
        pids=$(masters $(app_processes 2>/dev/null) 2>/dev/null)
    else
        probe mounts written_mounts
        probe rooms written_rooms
        probe running started_units
        written_variables
    fi
    probe units unit_files
    for pid in $pids; do
        probe "process $pid" process "$pid"
        ! may_see "$pid" || probe "environment $pid" environment "$pid"
        head -c 4096 "/proc/$pid/cmdline" | grep -q gunicorn || continue
        probe "given $pid" given_by_command "$pid"
        may_see "$pid" || continue
        probe "arguments $pid" arguments "$pid"
        probe "given-by-arguments $pid" given_by_arguments "$pid"
    done
    for folder in $(environments 2>/dev/null); do
        probe "python $folder" environment_of_python "$folder"
    done
    configuration $(below "$root"/etc/nginx/nginx.conf "$root"/etc/nginx/proxy_params "$root"/etc/nginx/conf.d/*.conf "$root"/etc/nginx/sites-enabled/* "$root"/etc/nginx/snippets/*.conf)
    configuration $(below "$root"/etc/apache2/apache2.conf "$root"/etc/apache2/ports.conf "$root"/etc/apache2/sites-enabled/* "$root"/etc/apache2/conf-enabled/*)
    [ ! -r "$root/etc/apache2/envvars" ] || probe 'assignments /etc/apache2/envvars' show_assignments "$root/etc/apache2/envvars"
    probe enabled enabled
    certificates
    for file in "$root"/etc/uwsgi/apps-enabled/*.ini "$root"/etc/uwsgi-emperor/vassals/*.ini; do
        [ ! -r "$file" ] || probe "assignments ${file#"$root"}" show_ini_variables "$file"
    done
    unit_like $(below "$root"/etc/uwsgi/apps-enabled/* "$root"/etc/uwsgi-emperor/vassals/* "$root"/etc/uwsgi-emperor/emperor.ini "$root"/etc/supervisor/supervisord.conf "$root"/etc/supervisor/conf.d/*.conf)
    # Files that the commands of the app's processes and units name.
    {
        for pid in $pids; do
            folder=$(as_owner "$pid" readlink "/proc/$pid/cwd")
            { cat "/proc/$pid/cmdline"; environ_of "$pid" | words_of_arguments; } | tr '\000' '\n' | sed -n -e 's#^.*=\(/.*\)$#\1#' -e "s#^\\([A-Za-z0-9_.-][A-Za-z0-9_./-]*\\.\\(py\\|ini\\)\\)\$#$folder/\\1#" -e '/^\//p'
            echo "$folder/gunicorn.conf.py"
        done
        service_texts | sed -n 's#^\(ExecStart\|Environment\)=.*[ =]\(/[^ ]*\.\(py\|ini\)\).*#\2#p'
    } 2>/dev/null | grep -E '^/[A-Za-z0-9_./-]*(gunicorn[A-Za-z0-9_-]*\.py|gunicorn\.conf\.py|\.ini)$' | inside | sort -u | head -n 20 | while read -r file; do
        [ -f "$root$file" ] || continue
        unit_like "$file"
        case $file in *.ini) probe "assignments $file" show_ini_variables "$root$file" ;; esac
    done
    for file in $(variable_files); do
        if [ -r "$root$file" ]; then
            probe "assignments $file" show_assignments "$root$file"
            grep -q GUNICORN_CMD_ARGS "$root$file" || continue
            probe "arguments $file" arguments_in_file "$root$file"
            probe "given-by-arguments $file" given_by_file "$root$file"
        elif [ -e "$root$file" ]; then printf '= unreadable %s\n. 1\n' "$file"; fi
    done
    # The scripts of mod_wsgi: which module they import.
    for file in $(texts "$root"/etc/apache2/sites-enabled/* "$root"/etc/apache2/conf-enabled/* | sed -n 's#^[ \t]*WSGIScriptAlias\(Match\)\{0,1\}[ \t][ \t]*[^ \t]*[ \t][ \t]*["'"'"']\{0,1\}\(/[^ \t"'"'"']*\).*#\2#p' | inside | sort -u | head -n 20); do
        configuration "$file"
    done
    probe changes owned_changes
    probe scheduled scheduled
    for file in $(owned_changes 2>/dev/null | sed -n 's/^[a-z]* //p' | grep -v '[ *?]' | head -n 30); do
        probe "place $file" show_place "$root$file"
        probe "settings $file" show_settings "$root$file"
    done
    {
        for pid in $pids; do
            environ_of "$pid" | tr '\000' '\n' | sed -n 's#^[A-Za-z_][A-Za-z0-9_]*=\(/[A-Za-z0-9._/-]*\)$#\1#p'
            as_owner "$pid" readlink "/proc/$pid/cwd"
        done 2>/dev/null
        texts "$root"/etc/nginx/sites-enabled/* "$root"/etc/nginx/conf.d/*.conf "$root"/etc/apache2/sites-enabled/* |
            tr ' \t;"' '\n\n\n\n' | sed -n 's#^\(/[A-Za-z0-9._/-]*\)$#\1#p'
        service_texts | sed -n 's#^ReadWritePaths=##p' | tr ' ' '\n'
        [ -z "$root" ] || written_places
        texts "$root"/etc/uwsgi/apps-enabled/*.ini "$root"/etc/uwsgi-emperor/vassals/*.ini "$root/etc/apache2/envvars" |
            sed -n 's#^[ \t]*\(env[ \t]*=[ \t]*\|export[ \t][ \t]*\)[A-Za-z_][A-Za-z0-9_]*="\{0,1\}\(/[A-Za-z0-9._/-]*\)"\{0,1\}$#\2#p'
    } | probe places places
    for pid in $pids; do
        ! may_see "$pid" || probe "services $pid" ask_services "$pid"
    done
    echo 'stagectl-capture end'
}
