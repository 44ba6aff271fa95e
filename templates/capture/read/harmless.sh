# What is harmless, and may leave the host.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

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
# What stands in the place of a value: what closes behind it stays.
function hidden(text,  end, first, last) {
    end = ""
    if (match(text, /[]),;{} \t]+$/)) { end = substr(text, RSTART); text = substr(text, 1, RSTART - 1) }
    first = substr(text, 1, 1); last = substr(text, length(text))
    if (last !~ /["\047]/) last = ""
    return (first == last ? last : "") "HIDDEN" last end
}
# A line of nginx, in which several statements may stand.
function cleaned_nginx(line,  out, piece, i, c, quote, depth) {
    out = ""; piece = ""; quote = ""; depth = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "\\") { piece = piece c substr(line, ++i, 1); continue }
        if (quote == "" && c == "#" && (piece == "" || piece ~ /[ \t]$/)) break
        if (quote == "" && c ~ /["\047]/) quote = c
        else if (quote == c) quote = ""
        if (quote == "" && c == "{" && piece ~ /\$$/) depth++
        else if (quote == "" && c == "}" && depth > 0) { depth--; piece = piece c; continue }
        if (quote == "" && depth == 0 && c ~ /[;{}]/) {
            out = out (c == ";" ? cleaned(piece c) : cleaned(piece) c)
            piece = ""
        } else piece = piece c
    }
    return out cleaned(piece)
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
                line = substr(line, 1, at - 1) hidden(rest)
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
