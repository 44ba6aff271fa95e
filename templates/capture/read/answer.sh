# What a live host says of itself, for `stagectl capture` and `stagectl drift`. POSIX sh, read from standard input.
# It only reads: nothing is written on the host, and no program of the app is started but its Python, once. Values of
# variables leave the host only where they are harmless (`shown`); of others a fingerprint does, keyed by the reader's
# project. Private keys are not opened. `key`, `unit`, `more`, `root` and `owners` are set above, by who sends this: below
# `root` stand the files of a host that does not run, and `owners` is the file that says whose each of them is.
#
# Lists of paths are words on purpose, of which none with a space is looked at; programs of awk and sed stand in single quotes.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
patience=10
most=1048576

# `= NAME` begins one, `|` is a line of it, `. CODE` ends it, whatever the command prints and however it ends.
probe() {
    printf '= %s\n' "$1"
    shift
    { code=$({ { "$@" 2>/dev/null 3>&- 4>&-; echo $? >&3; } | head -c "$most" | tr -d '\000' | sed 's/^/|/' >&4; } 3>&1); } 4>&1
    printf '\n. %s\n' "$code"
}

# A command that hangs is ended.
if command -v timeout >/dev/null 2>&1; then
    bounded() { timeout -k 1 "$patience" "$@"; }
else
    bounded() { "$@"; }
fi

# Texts that are whole and not huge, one after the other.
texts() {
    for file in "$@"; do
        [ -f "$file" ] && [ -r "$file" ] && [ "$(head -c 262145 "$file" | wc -c)" -le 262144 ] && tr -d '\000' < "$file"
    done
    return 0
}
# Paths that a file of the host names: where it does not run, one that goes up would lead to files of the reader's.
inside() { if [ -n "$root" ]; then grep -v '\.\.'; else cat; fi; }
# Kind, owner, group, mode and size of a file or folder.
show_place() {
    if [ -n "$root" ]; then
        own=${1#"$root"}
        awk -F'|' -v own="${own%/}" '$6 == own { print; exit }' "$owners"
    else
        stat -c '%F|%U|%G|%a|%s|%n' -- "$1"
    fi
}
