# Processes that may be the app's.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# Number, parent, owner, and what it is called.
processes() {
    for folder in /proc/[0-9]*; do
        [ -r "$folder/status" ] || continue
        awk -v pid="${folder#/proc/}" '
            $1 == "Name:" { sub(/^Name:[ \t]*/, ""); name = $0; gsub(/[^A-Za-z0-9_.:()\/-]/, "_", name) }
            $1 == "PPid:" { parent = $2 } $1 == "Uid:" { uid = $2 }
            END { print pid, parent, uid, name }' "$folder/status"
    done 2>/dev/null | head -n 3000
}
# The number of each process that may serve or work for an app.
app_processes() {
    # Those of a container are no processes of its host's.
    contained='docker|libpod|kubepods|lxc|containerd'
    if grep -qE "$contained" /proc/self/cgroup; then contained='^$'; fi
    for folder in /proc/[0-9]*; do
        pid=${folder#/proc/}
        if grep -qsE "$contained" "$folder/cgroup"; then continue; fi
        [ "$pid" != $$ ] && [ -r "$folder/cmdline" ] || continue
        # Programs of Python, uWSGI's and the daemons of mod_wsgi.
        if tr '\000' ' ' < "$folder/cmdline" 2>/dev/null | head -c 4096 |
            grep -qE '(^|/)(gunicorn|uwsgi[a-z_-]*|waitress-serve|apache2|python[0-9.]*|celery|rq|huey_consumer(\.py)?|flask|hypercorn|daphne|uvicorn)( |:|$)|\(wsgi:|/bin/(gunicorn|waitress-serve|celery|rq) '; then
            echo "$pid"
        elif [ -n "$unit" ] && grep -qsE "system\.slice/(.*/)?$unit(\.service)?\$" "$folder/cgroup"; then
            echo "$pid"
        fi
    done | head -n 200
}
# Of those, the ones that are not somebody's workers: a worker has its parent's command.
masters() {
    owners=
    for pid in "$@"; do
        parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")
        case " $* " in
            *" $parent "*) [ "$(stat -c %u "/proc/$pid")" != "$(stat -c %u "/proc/$parent")" ] || [ "$(head -c 4096 "/proc/$pid/cmdline" | tr '\000' ' ')" != "$(head -c 4096 "/proc/$parent/cmdline" | tr '\000' ' ')" ] || continue ;;
        esac
        case $(head -c 64 "/proc/$pid/cmdline" | tr '\000' ' ') in
            'gunicorn: worker'*) continue ;;
            # Of Apache's one for each owner is enough: what it hands down is the same.
            */apache2*)
                owner=$(stat -c %u "/proc/$pid")
                case " $owners " in *" $owner "*) continue ;; esac
                owners="$owners $owner" ;;
        esac
        echo "$pid"
    done
}
# What the owner of a process may see of it, root may not in every container.
as_owner() {
    owner=$(stat -c %U "/proc/$1")
    shift
    if [ "$(id -u)" = 0 ] && [ "$owner" != root ]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}
process() {
    echo "command"; show_words 1 < "/proc/$1/cmdline"
    echo "status"; grep -E '^(Name|PPid|Uid|Gid|Groups|Umask|NoNewPrivs):' "/proc/$1/status"
    awk '$1 == "Groups:" { for (i = 2; i <= NF; i++) print $i }' "/proc/$1/status" | while read -r number; do
        awk -F: -v number="$number" '$3 == number { print "Group: " $1 }' /etc/group
    done
    echo "cgroup"; head -n 20 "/proc/$1/cgroup"
    echo "limits"; cat "/proc/$1/limits"
    echo "links"; printf 'cwd %s\nexe %s\n' "$(as_owner "$1" readlink "/proc/$1/cwd")" "$(as_owner "$1" readlink "/proc/$1/exe")"
    echo "mounts"; awk '{ print $2, $3, $4 }' "/proc/$1/mounts" | head -n 400
}
environ_of() { as_owner "$1" cat "/proc/$1/environ" 2>/dev/null; }
environment() { environ_of "$1" | show_variables; }
may_see() { as_owner "$1" head -c 1 "/proc/$1/environ" >/dev/null 2>&1; }
