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
