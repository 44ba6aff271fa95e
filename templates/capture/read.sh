#!/bin/sh
# Lists of paths are words on purpose, of which none with a space is looked at; programs of awk and sed stand in single quotes;
# `key` and its like are set by who sends this.
# shellcheck disable=SC2012,SC2013,SC2016,SC2020,SC2046,SC2154
#
# What a live host says of itself, for `stagectl capture` and `stagectl drift`. POSIX sh, read from standard input.
# It only reads: nothing is written on the host, and no program of the app is started but its Python, once. Values of
# variables leave the host only where they are harmless (`shown`); of others a fingerprint does, keyed by the reader's
# project. Private keys are not opened. `key`, `unit`, `more`, `root` and `owners` are set above, by who sends this: below
# `root` stand the files of a host that does not run, and `owners` is the file that says whose each of them is.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
patience=10
most=1048576

# --- How an answer is written -----------------------------------------------------------------------------------------

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

# --- What is harmless ---------------------------------------------------------------------------------------------------

# Functions of awk. No value goes through the arguments of a command, where others of the host would see it.
harmless='
function is_random(text,  parts, count, i, part) {
    if (length(text) >= 32 && text ~ /[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+-[0-9a-fA-F]+/) return 1
    count = split(text, parts, /[\/._:, +-]/)
    for (i = 1; i <= count; i++) {
        part = parts[i]
        if (length(part) >= 16 && part ~ /[0-9]/ && part ~ /[A-Za-z]/) return 1
        if (length(part) >= 32) return 1
    }
    return 0
}
function names_secret(name) {
    name = tolower(name)
    if (name ~ /pass|pwd|secret|token|credential|apikey|private|auth|salt|dsn|sign|hmac|crypt|session|cookie|license|webhook|otp|login|bearer/) return 1
    return name ~ /(^|[_.-])(key|keys|pin|seed|hash|nonce|cert|code|access|id)($|[_.-])/
}
# Hosts, with or without ports, with commas between them.
function are_hosts(text,  hosts, count, i) {
    if (text !~ /^[a-z0-9.:,*-]+$/) return 0
    count = split(text, hosts, /,/)
    for (i = 1; i <= count; i++)
        if (hosts[i] !~ /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:[0-9]+)?$/ && hosts[i] != "localhost") return 0
    return 1
}
function is_harmless(name, value,  low) {
    if (value == "") return 1
    if (index(more, " " name " ")) return 1
    low = tolower(value)
    if (low ~ /^(true|false|yes|no|on|off|none|null)$/) return 1
    if (names_secret(name) || length(value) > 400) return 0
    if (low ~ /^(true|false|yes|no|on|off|none|null|auto|default|debug|info|warning|warn|error|critical|production|prod|staging|live|development|utc|c|posix|c\.utf-?8)$/) return 1
    if (length(value) <= 6 && value ~ /^-?[0-9]+(\.[0-9]+)?(s|m|h|d|ms|kb|mb|gb|KB|MB|GB|KiB|MiB|GiB)?$/) return 1
    if (value ~ /^[a-z][a-z]_[A-Z][A-Z](\.[A-Za-z0-9-]+)?(@[a-z]+)?$/) return 1
    if (value ~ /^[A-Z][a-z]+\/[A-Za-z_]+(\/[A-Za-z_]+)?$/) return 1
    if (value ~ /^\/[A-Za-z0-9._\/+:-]*$/) return !is_random(value)
    if (is_random(value)) return 0
    if (name ~ /(MODULE|SETTINGS|APP|APPLICATION|FACTORY|WSGI|CLASS|BACKEND|ENGINE)$/ && value ~ /^[A-Za-z_]+([.:][A-Za-z_]+)+$/) return 1
    if (name ~ /(HOST|HOSTS|SERVER|SERVERS|DOMAIN|DOMAINS|HOSTNAME|ORIGINS?|ADDRESS|NAME|CACHE|BROKER|QUEUE|URL|URI|ENDPOINT|PROXY|UPSTREAM|NODES?|LOCATION|MEMCACHED|REDIS)$/ && are_hosts(value)) return 1
    return length(value) <= 16 && value ~ /^[A-Za-z]([A-Za-z_-]*[A-Za-z])?$/ && name ~ /(^|_)(THEME|SKIN|BRAND|LANG|LANGUAGE|LANGUAGES|LOCALE|ZONE|TZ|REGION|MODE|ENV|ENVIRONMENT|STAGE|TIER|LEVEL|TYPE|FORMAT|PROTOCOL|DRIVER|DIALECT|SCHEME|COLOUR|COLOR|STYLE|LAYOUT|EDITION|COUNTRY|CURRENCY|SITE|DATABASE|DB|DBNAME)$/
}
# A URL without who logs in and what is asked: what was taken out (`l`og-in, with a `u`ser, a `p`assword; `q`uery), `:`,
# and scheme, host, port and path.
function bare_url(name, value,  scheme, rest, place, path, at, flags, log_in) {
    at = index(value, "://")
    scheme = substr(value, 1, at + 2)
    rest = substr(value, at + 3)
    flags = ""
    # A password may have a slash in it, as it may have an `@`: what is before the last one goes.
    log_in = ""
    while ((at = index(rest, "@")) > 0) { log_in = log_in substr(rest, 1, at); rest = substr(rest, at + 1) }
    if (log_in != "") {
        flags = "l"
        if (log_in !~ /^:/) flags = flags "u"
        if (log_in ~ /:[^@]/) flags = flags "p"
    }
    if (rest ~ /[?#]/) { flags = flags "q"; sub(/[?#].*$/, "", rest) }
    at = index(rest, "/")
    place = at ? substr(rest, 1, at - 1) : rest
    path = at ? substr(rest, at) : ""
    if (place !~ /^[A-Za-z0-9.:_\[\]-]*$/ || is_random(place)) return ""
    if (path != "" && (names_secret(name) || is_random(path) || path !~ /^[A-Za-z0-9._\/+:%-]*$/)) { path = ""; flags = flags "q" }
    return flags ":" scheme place path
}
# What may be shown of a variable: `v:` and its value, `u:` and a URL with neither log-in nor query, or `f:`.
function shown(name, value,  url) {
    if (is_harmless(name, value)) return "v:" value
    if (value ~ /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^ \t,;]*$/) {
        url = bare_url(name, value)
        if (url != "") return "u:" url
    }
    return "f:"
}
# What may stand behind a word for secrets: a variable of the configuration, yes and no, a small number, a path.
function is_no_secret(value) {
    gsub(/^["\047]|["\047]$/, "", value)
    if (value == "") return 1
    return value ~ /^(\$[a-z_]+|%\{[A-Za-z_-]+\}[a-z]?|on|off|yes|no|true|false|none|On|Off|[0-9]|[0-9][0-9]|[0-9][0-9][0-9]|\/[A-Za-z0-9._\/-]*)$/ && !is_random(value)
}
# URLs of a line without log-in and query.
function without_logins(line,  out, word, rest, at, i) {
    out = ""
    while (match(line, /[A-Za-z][A-Za-z0-9+.-]*:\/\/[^ \t"\047<>;]*/)) {
        word = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        at = index(word, "://")
        rest = substr(word, at + 3)
        if ((i = index(rest, "@")) > 0) {
            while ((i = index(rest, "@")) > 0) rest = substr(rest, i + 1)
            rest = "HIDDEN@" rest
        }
        if (rest !~ /\?\$[a-z_]+$/) sub(/\?.*$/, "?HIDDEN", rest)
        i = index(rest, "/")
        if (i && is_random(substr(rest, i))) rest = substr(rest, 1, i) "HIDDEN"
        out = out substr(word, 1, at + 2) rest
    }
    return out line
}
# A command, word by word: options and variables that are named for secrets, log-ins of curl and mysql.
function cleaned_command(line,  words, count, i, word, head, name, value, out, hide, quote, is_sql) {
    line = without_logins(line)
    is_sql = line ~ /mysql|mariadb/
    count = split(line, words, / /)
    out = ""; hide = 0; quote = ""
    for (i = 1; i <= count; i++) {
        word = words[i]
        if (quote != "") {
            if (index(word, quote)) quote = ""
            continue
        }
        if (hide && word != "") { word = "HIDDEN"; hide = 0 }
        # What gunicorn gives the app: `--env=NAME=value`, `-eNAME=value`.
        else if (match(word, /^["\047]?(--env=|-e=?)["\047]?[A-Za-z_][A-Za-z0-9_]*=/)) {
            head = substr(word, 1, RLENGTH); value = substr(word, RLENGTH + 1)
            if (match(head value, /["\047]/)) quote = substr(head value, RSTART, 1)
            if (quote != "" && value != quote && substr(value, length(value)) == quote) quote = ""
            gsub(/["\047]/, "", head); gsub(/["\047]/, "", value)
            name = head; sub(/^(--env=|-e=?)/, "", name); sub(/=$/, "", name)
            if (quote != "" || !is_harmless(name, value)) word = head "HIDDEN"
        }
        else if (match(word, /^["\047]?-*[A-Za-z_][A-Za-z0-9_-]*=/)) {
            name = substr(word, 1, RLENGTH - 1); value = substr(word, RLENGTH + 1)
            gsub(/["\047]/, "", name)
            if (name ~ /^-/ ? (names_secret(substr(name, 3)) && !is_no_secret(value)) : !is_harmless(name, value) && name !~ /^(Exec|command)/) {
                if (word ~ /^["\047]/ && substr(word, length(word)) != substr(word, 1, 1)) quote = substr(word, 1, 1)
                if (value ~ /^["\047]/ && substr(value, length(value)) != substr(value, 1, 1)) quote = substr(value, 1, 1)
                word = name "=HIDDEN"
            }
        }
        else if (word ~ /^(-u|--user)$/ && index(words[i + 1], ":")) hide = 1
        else if (word ~ /^-u.+:/) word = "-uHIDDEN"
        else if (is_sql && word ~ /^-p.+/) word = "-pHIDDEN"
        else if (word ~ /^--?[A-Za-z0-9_-]+$/ && tolower(word) ~ /pass|pwd|secret|token|credential|api-?key|auth|login|dsn|salt|private|-key$/) hide = 1
        else if (length(word) >= 16 && word !~ /^[\/.]/ && word !~ /:\/\// && is_random(word)) word = "HIDDEN"
        out = out (i > 1 ? " " : "") word
    }
    return out
}
# A line of a configuration: no log-in of a URL, no query, no value behind a word for secrets, no header of its own words,
# nothing that looks random.
function cleaned(line,  low, at, words, count, i, rest, name) {
    sub(/[ \t]+#[^"\047]*$/, "", line)
    if (line ~ /^[ \t]*(Exec[A-Za-z]*|command)[ \t]*=/) {
        at = index(line, "=")
        return substr(line, 1, at) cleaned_command(substr(line, at + 1))
    }
    line = without_logins(line)
    # A value on a line of its own.
    if (line ~ /^[ \t]*["\047][^"\047$%]*["\047][ \t]*[;,]?$/) {
        rest = line; gsub(/^[ \t]*["\047]|["\047][ \t]*[;,]?$/, "", rest)
        if (!is_harmless("A", rest)) return "\"HIDDEN\"" (line ~ /;$/ ? ";" : line ~ /,$/ ? "," : "")
    }
    if (match(line, /^[ \t]*(proxy_set_header|fastcgi_param|uwsgi_param|scgi_param|grpc_set_header|SetEnv|RequestHeader[ \t]+(set|add|append))[ \t]+[A-Za-z0-9_-]+[ \t]+/)) {
        rest = substr(line, RLENGTH + 1)
        name = substr(line, 1, RLENGTH); sub(/[ \t]+$/, "", name); sub(/.*[ \t]/, "", name)
        at = RLENGTH
        sub(/[ \t]*;?[ \t]*$/, "", rest); gsub(/^["\047]|["\047]$/, "", rest)
        if (rest != "" && rest !~ /^([$%][{A-Za-z_}0-9,: -]*|https?|close|upgrade|keep-alive|443|80)$/ && !is_harmless(toupper(name), rest))
            return substr(line, 1, at) "HIDDEN" (line ~ /;[ \t]*$/ ? ";" : "")
        return line
    }
    low = tolower(line)
    if (low !~ /^[ \t]*(ssl_certificate_key|ssl_password_file|sslcertificatekeyfile|sslcertificatefile|(proxy|uwsgi|fastcgi|scgi|grpc|memcached)_pass[ \t]|proxy_pass_|[a-z]+_pass_header|wsgipassauthorization|server_tokens|servertokens|serversignature|ssl_session|sslsession|auth_basic|auth_request|authuserfile|authtype|authname|proxypass|proxypreservehost|proxy_cookie|location|listen|server_name|servername|serveralias|loginurl)/ &&
        match(low, /[a-z0-9_.-]*(pass|pwd|secret|token|api[_-]?key|credential|auth|login|private[_-]?key|dsn|salt|access[_-]key|bearer|signing|_key)[a-z0-9_.-]*["\047\]]*[ \t]*[=: \t][ \t]*/)) {
        at = RSTART + RLENGTH
        if (at <= length(line)) {
            rest = substr(line, at)
            sub(/[ \t]+$/, "", rest)
            if (!is_no_secret(substr(rest, 1, length(rest) - (rest ~ /[;{]$/))))
                line = substr(line, 1, at - 1) "HIDDEN" (rest ~ /;$/ ? ";" : "")
        }
    }
    count = split(line, words, /[ \t"\047;=,]/)
    for (i = 1; i <= count; i++)
        if (length(words[i]) >= 16 && words[i] !~ /[$%{}]/ && words[i] !~ /^[\/.]/ && words[i] !~ /:\/\// && is_random(words[i])) {
            at = index(line, words[i])
            line = substr(line, 1, at - 1) "HIDDEN" substr(line, at + length(words[i]))
        }
    return line
}
# A line of Python: no remark, no text between three quotes, and of `NAME=value` in quotes only what is harmless.
function cleaned_python(line,  out, at, word, name, value) {
    if (in_text) { if (line ~ /"""|\047\047\047/) in_text = 0; return "" }
    if (line ~ /"""|\047\047\047/) { if (gsub(/"""|\047\047\047/, "", line) < 2) in_text = 1; return "" }
    out = ""
    while (match(line, /["\047][A-Za-z_][A-Za-z0-9_]*=[^"\047]*["\047]/)) {
        word = substr(line, RSTART + 1, RLENGTH - 2)
        out = out substr(line, 1, RSTART)
        at = index(word, "="); name = substr(word, 1, at - 1); value = substr(word, at + 1)
        out = out name "=" (is_harmless(name, value) ? value : "HIDDEN")
        line = substr(line, RSTART + RLENGTH - 1)
        out = out substr(line, 1, 1); line = substr(line, 2)
    }
    return cleaned(out line)
}
'

# Variables, one a record of \001: `NAME=` and what may be shown, and the fingerprint of what may not.
variables='
BEGIN { RS = "\001" }
NR == 1 { secret = $0; next }
NR == 2 { more = " " $0 " "; next }
{
    at = index($0, "=")
    if (!at) next
    name = substr($0, 1, at - 1)
    value = substr($0, at + 1)
    if (name !~ /^[A-Za-z_][A-Za-z0-9_]*$/) next
    out = shown(name, value)
    if (out ~ /^v:/) { gsub(/[\002-\037\177]/, "?", out); print name "=" out; next }
    printf "%s=%s ", name, out
    fflush()
    hash = "sha256sum"
    printf "%s\001%s\001%s", secret, value, secret | hash
    close(hash)
}'
show_variables() {
    { printf '%s\001%s\001' "$key" "$more"; tr '\000\n' '\001\002'; } | awk "$harmless$variables"
}

# A text as it may leave: without remarks, which hold what was once true, and not at all where a private key is in it.
show_text() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    [ "$(head -c 262145 "$1" | wc -c)" -le 262144 ] || { echo 'larger than 256 KiB'; return 1; }
    ! grep -q 'PRIVATE KEY' "$1" || { echo 'a private key is in it'; return 1; }
    tr -d '\000' < "$1" | awk "$harmless"'{ line = $0; if (line ~ /^[ \t]*[#;]/ && line !~ /^#!/) { print ""; next } print cleaned(line) }'
}
# The specifiers of a unit that say its name, as systemd has them (`$1`); every other one stays.
put_in() {
    [ -n "$1" ] || { cat; return 0; }
    name=$1 awk '
        function unescaped(text,  out, number) {
            out = ""
            gsub(/-/, "/", text)
            while (match(text, /\\x[0-9a-f][0-9a-f]/)) {
                number = 16 * (index("0123456789abcdef", substr(text, RSTART + 2, 1)) - 1) + index("0123456789abcdef", substr(text, RSTART + 3, 1)) - 1
                out = out substr(text, 1, RSTART - 1) (number > 31 && number < 127 ? sprintf("%c", number) : "?")
                text = substr(text, RSTART + 4)
            }
            return out text
        }
        BEGIN {
            of["n"] = stem = ENVIRON["name"]
            sub(/\.[a-z]+$/, "", stem)
            at = index(stem, "@")
            of["N"] = stem; of["p"] = at ? substr(stem, 1, at - 1) : stem; of["i"] = at ? substr(stem, at + 1) : ""
            of["j"] = of["p"]; sub(/.*-/, "", of["j"])
            of["P"] = unescaped(of["p"]); of["I"] = unescaped(of["i"]); of["J"] = unescaped(of["j"])
        }
        {
            out = ""
            while ((at = index($0, "%")) > 0) {
                letter = substr($0, at + 1, 1)
                out = out substr($0, 1, at - 1) (letter in of ? of[letter] : "%" letter)
                $0 = substr($0, at + 2)
            }
            print out $0
        }'
}
# One that sets variables: their names alone. They are read in the process that has them, or by `show_assignments`. Of a unit of
# systemd `$2` is the name.
show_unit() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    python=0
    case $1 in *.py) python=1 ;; esac
    ! grep -q 'PRIVATE KEY' "$1" || { echo 'a private key is in it'; return 1; }
    head -c 65536 "$1" | tr -d '\000' | put_in "${2-}" | awk -v python="$python" "$harmless"'
        function names_of(text,  out, name) {
            out = ""
            while (match(text, /"[A-Za-z_][A-Za-z0-9_]*=[^"]*"|\047[A-Za-z_][A-Za-z0-9_]*=[^\047]*\047|[A-Za-z_][A-Za-z0-9_]*=("[^"]*"|\047[^\047]*\047|[^ \t",]*)/)) {
                name = substr(text, RSTART, RLENGTH)
                sub(/^["\047]/, "", name); sub(/=.*/, "", name)
                out = out " " name
                text = substr(text, RSTART + RLENGTH)
            }
            return out
        }
        python { if (/^[ \t]*#/) print ""; else print cleaned_python($0); next }
        # A command is one, however many lines it has.
        whole != "" && /^[ \t]*[#;]/ { next }
        whole != "" && (is_cut || (in_ini && /^[ \t]+[^ \t]/)) { is_cut = sub(/\\$/, " "); whole = whole " " $0; next }
        whole != "" { print cleaned(whole); whole = "" }
        /^[ \t]*(Exec[A-Za-z]*|command)[ \t]*=/ { in_ini = /^[ \t]*command/; is_cut = sub(/\\$/, " "); whole = $0; next }
        # A remark between lines that go on ends nothing; in an ini what is further in goes on.
        goes_on && /^[ \t]*[#;]/ { print ""; next }
        goes_on && !listed { goes_on = /\\$/; print prefix names_of($0); next }
        goes_on && listed && /^[ \t]/ { print prefix names_of($0); next }
        { goes_on = 0 }
        /^[ \t]*[#;]/ { print ""; next }
        /^[ \t]*Environment[ \t]*=/ { prefix = "Environment="; listed = 0; goes_on = /\\$/; sub(/^[^=]*=/, ""); print prefix names_of($0); next }
        /^[ \t]*environment[ \t]*=/ { prefix = "environment="; listed = 1; goes_on = 1; sub(/^[^=]*=/, ""); print prefix names_of($0); next }
        /^[ \t]*env[ \t]*=/ { sub(/^[^=]*=[ \t]*/, ""); sub(/=.*/, ""); print "env = " $0; next }
        { print cleaned($0) }
        END { if (whole != "") print cleaned(whole) }'
}
# `NAME=value` a line, as systemd and shells read it; each ends with NUL.
assignments_of() {
    head -c 65536 "$1" | tr -d '\000\001' | sed -n 's/^[ \t]*\(export[ \t][ \t]*\)\{0,1\}\([A-Za-z_][A-Za-z0-9_]*=.*\)$/\2/p' |
        sed 's/=\(["'"'"']\)\(.*\)\1[ \t]*$/=\2/' | tr '\n' '\000'
}
show_assignments() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    assignments_of "$1" | show_variables
}
# `NAME=value` a line, of words with or without quotes, between blanks or commas.
split_words='
function split_words(text, between,  word, quote, i, c) {
    word = ""; quote = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\\" && quote != "\047") { i++; word = word substr(text, i, 1) }
        else if (quote != "") { if (c == quote) quote = ""; else word = word c }
        else if (c == "\"" || c == "\047") quote = c
        else if (index(between, c)) { if (word ~ /=/) print word; word = "" }
        else word = word c
    }
    if (word ~ /=/) print word
}'
# What `Environment=` of a unit and of what is put over it says, in their order.
show_unit_variables() {
    texts "$@" | tr -d '\001' | sed -e ':a' -e '/\\$/N' -e 's/\\\n/ /' -e ta | awk "$split_words"'
        /^[ \t]*Environment[ \t]*=/ { sub(/^[^=]*=/, ""); split_words($0, " \t") }' | tr '\n' '\000' | show_variables
}
# What `environment=` of a program of supervisor says.
show_program_variables() {
    texts "$1" | tr -d '\001' | awk -v name="[program:$2]" "$split_words"'
        function say() { if (said != "") split_words(said, ", \t"); said = "" }
        /^\[/ { say(); is_own = $0 == name }
        said != "" && !/^[ \t]/ { say() }
        is_own && said != "" && /^[ \t]/ { said = said " " $0; next }
        is_own && /^environment[ \t]*=/ { sub(/^[^=]*=/, ""); said = $0 " " }
        END { say() }' | tr '\n' '\000' | show_variables
}
# Files of variables that units name.
variable_files() {
    service_texts | sed -n 's#^EnvironmentFile=-\{0,1\}\(/.*\)$#\1#p' | inside | sort -u | head -n 20
}
# Where variables of units, and the units themselves, lead on a host that does not run.
written_places() {
    {
        for file in $(variable_files); do texts "$root$file"; done
        service_texts
        texts "$root"/etc/supervisor/conf.d/*.conf
    } | tr ' ,=\t"'"'"'' '\n\n\n\n\n\n' | sed -n 's#^\(/[A-Za-z0-9._/-]*\)$#\1#p'
}
# Of a host that does not run, what its processes would have.
written_variables() {
    for file in "$root"/etc/systemd/system/*.service; do
        [ -f "$file" ] || continue
        probe "assignments ${file#"$root"}" show_unit_variables "$file" "$file".d/*.conf
    done
    for file in "$root"/etc/supervisor/conf.d/*.conf; do
        [ -f "$file" ] || continue
        for program in $(sed -n 's/^\[program:\([A-Za-z0-9_.-]*\)\].*/\1/p' "$file"); do
            probe "assignments ${file#"$root"}#$program" show_program_variables "$file" "$program"
        done
    done
}
# The lines `env = NAME=value` of a configuration of uWSGI, and of the files that it reads line by line.
show_ini_variables() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    {
        head -c 65536 "$1" | tr -d '\000\001' | sed -n 's/^[ \t]*env[ \t]*=[ \t]*\([A-Za-z_][A-Za-z0-9_]*=.*\)$/\1/p'
        for read in $(head -c 65536 "$1" | sed -n 's#^[ \t]*for-readline[ \t]*=[ \t]*\(/[^ ]*\)[ \t]*$#\1#p' | inside); do
            texts "$root$read" | tr -d '\001' | sed -n 's/^[ \t]*\([A-Za-z_][A-Za-z0-9_]*=.*\)$/\1/p'
        done
    } | tr '\n' '\000' | show_variables
}
# An app's own file: keys with harmless values, and of every other line nothing but its key.
show_settings() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    ! grep -q 'PRIVATE KEY' "$1" || { echo 'a private key is in it'; return 1; }
    head -c 65536 "$1" | tr -d '\000' | awk -v more=" " "$harmless"'
        /^[ \t]*$/ || /^[ \t]*\[[A-Za-z0-9_. -]*\][ \t]*$/ { print; next }
        /^[ \t]*[#;]/ { print ""; next }
        match($0, /^[ \t]*[A-Za-z0-9_.-]+[ \t]*[=:][ \t]*/) {
            before = substr($0, 1, RLENGTH); value = substr($0, RLENGTH + 1)
            name = before; gsub(/[ \t=:]/, "", name)
            sub(/[ \t]+$/, "", value)
            quote = substr(value, 1, 1)
            if (length(value) > 1 && quote ~ /["\047]/ && substr(value, length(value)) == quote) value = substr(value, 2, length(value) - 2)
            else quote = ""
            out = shown(toupper(name), value)
            if (out ~ /^u:/) {
                flags = substr(out, 3); sub(/:.*/, "", flags)
                url = substr(out, 4 + length(flags)); at = index(url, "://")
                out = "v:" substr(url, 1, at + 2) (flags ~ /l/ ? "HIDDEN@" : "") substr(url, at + 3) (flags ~ /q/ ? "?HIDDEN" : "")
            }
            print before quote (out ~ /^v:/ ? substr(out, 3) : "HIDDEN") quote
            next
        }
        { print "HIDDEN" }'
}
# Words that end with NUL, a line each; the first one may be a title of several (`$1`).
show_words() { tr '\000\t\n' '\n  ' | head -n 200 | awk -v titled="$1" "$harmless"'
    hide { print "HIDDEN"; hide = 0; next }
    /^(-u|--user)$/ { print; hide = 1; next }
    /^--?[A-Za-z0-9_-]+$/ && tolower($0) ~ /pass|pwd|secret|token|credential|api-?key|auth|login|dsn|salt|private|-key$/ { print; hide = 1; next }
    NR == 1 && titled { print cleaned_command($0); next }
    / / { print "HIDDEN"; next }
    { print cleaned_command($0) }'; }

# What gunicorn is given beside its own options: the variables of `--env`, and the words of GUNICORN_CMD_ARGS.

# Words of lines as a shell and systemd split them, each with \001 at its end.
splitting='
function split_words(text,  count, i, c, quote, word, is_word) {
    count = length(text); quote = ""; word = ""; is_word = 0
    for (i = 1; i <= count; i++) {
        c = substr(text, i, 1)
        if (quote == "" && c ~ /[ \t\002]/) {
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
words_of_lines() { awk "$splitting"'{ split_words($0) }' | tr '\001' '\000'; }
words_of_arguments() {
    tr '\000\n' '\001\002' | awk "$splitting"'BEGIN { RS = "\001" } sub(/^GUNICORN_CMD_ARGS=/, "") { split_words(substr($0, 1, 16384)) }' |
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
given_by_unit() {
    grep -q gunicorn "$1" || grep -q GUNICORN_CMD_ARGS "$1" || return 0
    lines=$(head -c 65536 "$1" | tr -d '\000\001' | put_in "$2" |
        awk '/^[ \t]*[#;]/ { next } { line = line $0; if (sub(/\\$/, " ", line)) next; print line; line = "" } END { print line }')
    printf '%s\n' "$lines" | settings_of ExecStart | grep -q . && echo 'X-Given='
    printf '%s\n' "$lines" | settings_of ExecStart | words_of_lines | variables_of_words '' | show_variables | sed 's/^/X-Given=/'
    printf '%s\n' "$lines" | settings_of Environment | grep -q GUNICORN_CMD_ARGS= && printf 'X-Arguments=\nX-Given-By-Arguments=\n'
    printf '%s\n' "$lines" | settings_of Environment | words_of_lines | words_of_arguments | show_words '' | sed 's/^/X-Arguments=/'
    printf '%s\n' "$lines" | settings_of Environment | words_of_lines | words_of_arguments | variables_of_words 1 | show_variables |
        sed 's/^/X-Given-By-Arguments=/'
}

# Texts that are whole and not huge, one after the other.
texts() {
    for file in "$@"; do
        [ -f "$file" ] && [ -r "$file" ] && [ "$(head -c 262145 "$file" | wc -c)" -le 262144 ] && tr -d '\000' < "$file"
    done
    return 0
}

# Kind, owner, group, mode and size of a file or folder.
show_place() {
    if [ -n "$root" ]; then
        own=${1#"$root"}
        awk -F'|' -v own="${own%/}" '$6 == own { print; exit }' "$owners"
    else
        stat -c '%F|%U|%G|%a|%s|%n' -- "$1"
    fi
}

# Paths that a file of the host names: where it does not run, one that goes up would lead to files of the reader's.
inside() { if [ -n "$root" ]; then grep -v '\.\.'; else cat; fi; }

# --- The system ---------------------------------------------------------------------------------------------------------

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
# What is mounted when the host starts, and how large `/tmp` is then.
written_mounts() { awk '!/^[ \t]*#/ && $2 ~ /^\// { print $2, $3, $4 }' "$root/etc/fstab"; }
written_rooms() {
    written_mounts | awk '$1 ~ /^\/(tmp|dev\/shm)$/ && $2 == "tmpfs" && match($3, /size=[0-9]+[kKmMgG]/) {
        size = substr($3, RSTART + 5, RLENGTH - 6); unit = tolower(substr($3, RSTART + RLENGTH - 1, 1))
        print $1, size * (unit == "k" ? 1 : unit == "m" ? 1024 : 1048576) }'
}
mounts() { awk '{ print $2, $3, $4 }' /proc/self/mounts | head -n 400; }
rooms() { bounded df -k -P /tmp /dev/shm | awk 'NR > 1 { print $6, $2 }'; }

# --- Units, processes ---------------------------------------------------------------------------------------------------

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
    done
    # A template is as many units as it has instances, each with what is put over both.
    for instance in $instances; do
        files_of_instance "$instance" | while read -r file; do
            printf '# %s as %s\n' "${file#"$root"}" "$instance"
            show_unit "$file" "$instance" && given_by_unit "$file" "$instance"
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
# Those that start with the host, where it does not run.
started_units() { (cd "$root/etc/systemd/system" && ls -d ./*.wants/*.service ./*.wants/*.timer ./*.wants/*.socket) | sed 's#.*/##' | sort -u; }
running_units() { bounded systemctl list-units --type=service,timer,socket --state=active --no-legend --plain --no-pager | awk '{ print $1 }' | head -n 400; }
asked_unit() {
    [ -n "$unit" ] || return 0
    bounded systemctl show --no-pager -p LoadState,ActiveState,MainPID,User,Group,UMask,LimitNOFILE,LimitNOFILESoft,ProtectSystem,ProtectHome,PrivateTmp,ReadWritePaths,MemoryMax,TasksMax,MemoryDenyWriteExecute,Restart,WorkingDirectory,FragmentPath -- "$unit"
}
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

# --- Users and places ---------------------------------------------------------------------------------------------------

users() { awk -F: '{ print $1 ":" $3 ":" $4 ":" $6 ":" $7 }' "$root/etc/passwd"; }
groups_of() { awk -F: '{ print $1 ":" $3 ":" $4 }' "$root/etc/group"; }
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

# --- Python -------------------------------------------------------------------------------------------------------------

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
        END { out() }' $(ls -d "$1"/*.dist-info/METADATA "$1"/*.egg-info/PKG-INFO 2>/dev/null)
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

# --- Servers ------------------------------------------------------------------------------------------------------------

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
listening() { awk 'FNR > 1 && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | head -n 200; }

# --- All of it ----------------------------------------------------------------------------------------------------------

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
