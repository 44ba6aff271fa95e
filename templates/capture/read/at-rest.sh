# A host of which there are its files alone (`root`): what its processes would have, as the files say it.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# What is mounted when the host starts, and how large `/tmp` is then.
written_mounts() { awk '!/^[ \t]*#/ && $2 ~ /^\// { print $2, $3, $4 }' "$root/etc/fstab"; }
written_rooms() {
    written_mounts | awk '$1 ~ /^\/(tmp|dev\/shm)$/ && $2 == "tmpfs" && match($3, /size=[0-9]+[kKmMgG]/) {
        size = substr($3, RSTART + 5, RLENGTH - 6); unit = tolower(substr($3, RSTART + RLENGTH - 1, 1))
        print $1, size * (unit == "k" ? 1 : unit == "m" ? 1024 : 1048576) }'
}
# Those that start with the host, where it does not run.
started_units() { (cd "$root/etc/systemd/system" && ls -d ./*.wants/*.service ./*.wants/*.timer ./*.wants/*.socket) | sed 's#.*/##' | sort -u; }
# Variables of a unit's own lines, as settings: an empty one takes back what was said before.
set_by_unit() {
    lines_of_unit "$1" "$2" | settings_of Environment | while IFS= read -r line; do
        if [ -z "$line" ]; then echo 'X-Environment='; fi
        printf '%s\n' "$line" | words_of_lines | show_variables | sed 's/^/X-Environment=/'
    done
}
# Variables of a program of supervisor.
show_program_variables() {
    texts "$1" | tr -d '\001' | awk -v name="[program:$2]" "$splitting"'
        function say() { if (said != "") split_words(said, ", \t"); said = "" }
        /^\[/ { say(); is_own = $0 == name }
        said != "" && !/^[ \t]/ { say() }
        is_own && said != "" && /^[ \t]/ { said = said " " $0; next }
        is_own && /^environment[ \t]*=/ { sub(/^[^=]*=/, ""); said = $0 " " }
        END { say() }' | tr '\001' '\000' | show_variables
}
written_variables() {
    for file in "$root"/etc/supervisor/conf.d/*.conf; do
        [ -f "$file" ] || continue
        for program in $(sed -n 's/^\[program:\([A-Za-z0-9_.-]*\)\].*/\1/p' "$file"); do
            probe "assignments ${file#"$root"}#$program" show_program_variables "$file" "$program"
        done
    done
}
# Where variables of units, and the units themselves, lead on a host that does not run.
written_places() {
    {
        for file in $(variable_files); do texts "$root$file"; done
        service_texts
        texts "$root"/etc/supervisor/conf.d/*.conf
    } | tr ' ,=\t"'"'"'' '\n\n\n\n\n\n' | sed -n 's#^\(/[A-Za-z0-9._/-]*\)$#\1#p'
}
