# Words of commands and of variables: what gunicorn is given beside its own options, by `--env` and by GUNICORN_CMD_ARGS.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# Words of lines as a shell and systemd split them, each with \001 at its end.
splitting='
function split_words(text, between,  count, i, c, quote, word, is_word) {
    count = length(text); quote = ""; word = ""; is_word = 0
    for (i = 1; i <= count; i++) {
        c = substr(text, i, 1)
        if (quote == "" && index(between, c)) {
            if (is_word) printf "%s\001", word
            word = ""; is_word = 0
            continue
        }
        is_word = 1
        if (c == quote) { quote = ""; continue }
        if (quote == "" && c ~ /["\047]/) { quote = c; continue }
        if (c == "\\" && quote != "\047") c = substr(text, ++i, 1)
        word = word c
    }
    if (is_word) printf "%s\001", word
}
'
words_of_lines() { awk "$splitting"'{ split_words($0, " \t\002") }' | tr '\001' '\000'; }
words_of_arguments() {
    tr '\000\n' '\001\002' | awk "$splitting"'BEGIN { RS = "\001" } sub(/^GUNICORN_CMD_ARGS=/, "") { split_words(substr($0, 1, 16384), " \t\002") }' |
        tr '\001\002' '\000\n'
}
# Of words, the variables of `--env`: of a command (`$1` is empty) those behind its program.
variables_of_words() {
    tr '\000\n' '\001\002' | awk -v began="$1" '
        BEGIN { RS = "\001" }
        function out(text) { if (text ~ /^[A-Za-z_][A-Za-z0-9_]*=/) printf "%s\001", text }
        !began { began = /(^|\/)gunicorn3?$/; next }
        is_next { out($0); is_next = 0; next }
        /^(-e|--env)$/ { is_next = 1; next }
        sub(/^(--env=|-e=?)/, "") { out($0) }' | tr '\001\002' '\000\n'
}
given_by_command() { variables_of_words '' < "/proc/$1/cmdline" | show_variables; }
arguments() { environ_of "$1" | words_of_arguments | show_words ''; }
given_by_arguments() { environ_of "$1" | words_of_arguments | variables_of_words 1 | show_variables; }
arguments_in_file() { assignments_of "$1" | words_of_arguments | show_words ''; }
given_by_file() { assignments_of "$1" | words_of_arguments | variables_of_words 1 | show_variables; }
# Of a unit, as settings: an empty one takes back what was said before.
settings_of() { sed -n "s/^[ \t]*$1[ \t]*=[ \t]*//p"; }
# The settings of a unit's file, each on one line, with the unit's name (`$2`) put in.
lines_of_unit() {
    head -c 65536 "$1" | tr -d '\000\001' | put_in "$2" |
        awk '/^[ \t]*[#;]/ { next } { line = line $0; if (sub(/\\$/, " ", line)) next; print line; line = "" } END { print line }'
}
given_by_unit() {
    grep -q gunicorn "$1" || grep -q GUNICORN_CMD_ARGS "$1" || return 0
    lines=$(lines_of_unit "$1" "$2")
    printf '%s\n' "$lines" | settings_of ExecStart | grep -q . && echo 'X-Given='
    printf '%s\n' "$lines" | settings_of ExecStart | words_of_lines | variables_of_words '' | show_variables | sed 's/^/X-Given=/'
    printf '%s\n' "$lines" | settings_of Environment | grep -q GUNICORN_CMD_ARGS= && printf 'X-Arguments=\nX-Given-By-Arguments=\n'
    printf '%s\n' "$lines" | settings_of Environment | words_of_lines | words_of_arguments | show_words '' | sed 's/^/X-Arguments=/'
    printf '%s\n' "$lines" | settings_of Environment | words_of_lines | words_of_arguments | variables_of_words 1 | show_variables |
        sed 's/^/X-Given-By-Arguments=/'
}
