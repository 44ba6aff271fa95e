# Units of systemd.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# The administrator's units, and the one that is asked for wherever it lies, each with what is put over it.
unit_files() {
    for file in "$root"/etc/systemd/system/*.service "$root"/etc/systemd/system/*.timer "$root"/etc/systemd/system/*.socket \
        "$root/lib/systemd/system/$unit" "$root"/etc/systemd/system/*.service.d/*.conf "$root"/etc/systemd/system/*.socket.d/*.conf; do
        case $file in *'
'*) continue ;; esac
        [ -f "$file" ] && [ -r "$file" ] || continue
        # A link of another name is an alias: it is there under its own.
        case $(readlink "$file") in /dev/null) continue ;; */lib/systemd/system/*) [ "$file" = "$root/lib/systemd/system/$unit" ] || continue ;; esac
        case ${file#"$root"} in */*@*) continue ;; esac
        echo "# ${file#"$root"}"
        show_unit "$file" "$(unit_of_file "$file")" && given_by_unit "$file" "$(unit_of_file "$file")"
        [ -z "$root" ] || set_by_unit "$file" "$(unit_of_file "$file")"
    done
    # A template is as many units as it has instances, each with what is put over both.
    for instance in $instances; do
        files_of_instance "$instance" | while read -r file; do
            printf '# %s as %s\n' "${file#"$root"}" "$instance"
            show_unit "$file" "$instance" && given_by_unit "$file" "$instance"
            [ -z "$root" ] || set_by_unit "$file" "$instance"
        done
    done
}
# The unit that a file is of, or is put over.
unit_of_file() {
    set -- "${1%.d/*}"
    printf '%s\n' "${1##*/}"
}
# Instances of templates: those that run, that are enabled or have a file of their own, and the one that is asked for.
known_instances() {
    {
        case $unit in *@*.service | *@*.timer | *@*.socket) echo "$unit" ;; *@*) echo "$unit.service" ;; esac
        [ -n "$root" ] || running_units
        for file in "$root"/etc/systemd/system/*@*.* "$root"/etc/systemd/system/*.wants/*@*.* "$root"/etc/systemd/system/*.requires/*@*.*; do
            printf '%s\n' "${file##*/}"
        done
    } | sed -e 's/\.d$//' -e p -e 's/\.\(timer\|socket\)$/.service/' | grep -E '^[A-Za-z0-9_][A-Za-z0-9:_.-]*@[A-Za-z0-9:_.\-]+\.(service|timer|socket)$' | sort -u | head -n 60
}
# The file of an instance, its own or its template's, and what is put over it. A package's is read where it is asked for.
files_of_instance() {
    template=${1%%@*}@.${1##*.}
    at=$root/etc/systemd/system
    for file in "$at/$1" "$at/$template" "$root/lib/systemd/system/$template"; do
        [ "$(readlink "$file")" != /dev/null ] || return 0
        [ -f "$file" ] || continue
        case $(readlink "$file") in */lib/systemd/system/*) file=$root/lib/systemd/system/$template ;; esac
        case $file in "$at"/*) ;; *) [ "$1" = "$unit" ] || [ "$1" = "$unit.service" ] || return 0 ;; esac
        printf '%s\n' "$file"
        for over in "$at/$template".d/*.conf "$at/$1".d/*.conf; do
            [ ! -f "$over" ] || printf '%s\n' "$over"
        done
        return 0
    done
}
# The services as text, with their names put in.
service_texts() {
    for file in "$root"/etc/systemd/system/*.service "$root"/etc/systemd/system/*.service.d/*.conf; do
        case ${file#"$root"} in */*@*) continue ;; esac
        texts "$file" | put_in "$(unit_of_file "$file")"
    done
    for instance in $instances; do
        case $instance in *.service) ;; *) continue ;; esac
        files_of_instance "$instance" | while read -r file; do texts "$file" | put_in "$instance"; done
    done
}
# Files of variables that units name.
variable_files() {
    service_texts | sed -n 's#^EnvironmentFile=-\{0,1\}\(/.*\)$#\1#p' | inside | sort -u | head -n 20
}
running_units() { bounded systemctl list-units --type=service,timer,socket --state=active --no-legend --plain --no-pager | awk '{ print $1 }' | head -n 400; }
asked_unit() {
    [ -n "$unit" ] || return 0
    bounded systemctl show --no-pager -p LoadState,ActiveState,MainPID,User,Group,UMask,LimitNOFILE,LimitNOFILESoft,ProtectSystem,ProtectHome,PrivateTmp,ReadWritePaths,MemoryMax,TasksMax,MemoryDenyWriteExecute,Restart,WorkingDirectory,FragmentPath -- "$unit"
}
