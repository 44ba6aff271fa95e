# Lines of configurations and commands without what may be a secret.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

harmless=$harmless'
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
    if (match(text, /[]),;:{} \t]+$/)) { end = substr(text, RSTART); text = substr(text, 1, RSTART - 1) }
    first = substr(text, 1, 1); last = substr(text, length(text))
    if (last !~ /["\047]/) last = ""
    return (first == last ? last : "") "HIDDEN" last end
}
# What a variable that is named for a secret is compared with.
function cleaned_if(text,  name, at, rest, bare) {
    if (text !~ /^[ \t]*if[ \t]*\(/ || !match(text, /\$[A-Za-z0-9_]+/)) return cleaned(text)
    name = substr(text, RSTART + 1, RLENGTH - 1); at = RSTART + RLENGTH; rest = substr(text, at)
    if (!names_secret(name)) return cleaned(text)
    if (!match(rest, /^[ \t]*(!?~\*?|!?=)[ \t]*/)) return text
    at += RLENGTH; rest = substr(text, at); bare = rest
    gsub(/^["\047]|["\047]?[ \t]*\)[ \t]*$/, "", bare)
    return bare == "" || bare ~ /^[01]$/ ? text : substr(text, 1, at - 1) hidden(rest)
}
# A statement of nginx: keys of a map of secrets are secrets.
function cleaned_statement(text,  rest) {
    if (in_map && match(text, /^[ \t]*[^ \t;]/)) {
        rest = substr(text, RLENGTH)
        if (rest !~ /^(default|hostnames|volatile|include|""|\047\047)([ \t;]|$)/) {
            match(text, /^[ \t]*("[^"]*"|\047[^\047]*\047|[^ \t;]*)/)
            return substr(text, 1, index(text, substr(rest, 1, 1)) - 1) "HIDDEN" substr(text, RLENGTH + 1)
        }
    }
    return cleaned_if(text)
}
function is_map_of_secrets(text) {
    return text ~ /^[ \t]*map[ \t]/ && match(text, /\$[A-Za-z0-9_]+/) && names_secret(substr(text, RSTART + 1, RLENGTH - 1))
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
            out = out (c == ";" ? cleaned_statement(piece c) : cleaned_statement(piece) c)
            if (c == "{") in_map = is_map_of_secrets(piece)
            else if (c == "}") in_map = 0
            piece = ""
        } else piece = piece c
    }
    return out cleaned_statement(piece)
}
# Without what a header or a variable that is named for a secret is compared with, in a condition of Apache.
function cleaned_condition(line,  name, at, rest, lead, end) {
    if (line !~ /^[ \t]*(<(If|ElseIf)[ \t]|RewriteCond[ \t]|Require[ \t]+expr)/ || !match(line, /%\{[^}]*\}/)) return line
    name = substr(line, RSTART + 2, RLENGTH - 3); at = RSTART + RLENGTH; rest = substr(line, at)
    sub(/^[A-Za-z-]+:/, "", name)
    if (!names_secret(name)) return line
    match(rest, /^[ \t]*(==|!=|=~|!~|=|!|-[a-z]+)?[ \t]*["\047\/^]*/); lead = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
    end = match(rest, /["\047\/$>) \t]+$/) ? substr(rest, RSTART) : ""
    return substr(line, 1, at - 1) lead (rest == end ? rest : "HIDDEN" end)
}
# A line of a configuration: no log-in of a URL, no query, no value behind a word for secrets, no header of its own words,
# nothing that looks random.
function cleaned(line,  low, at, words, count, i, rest, name) {
    sub(/[ \t]+#[^"\047]*$/, "", line)
    if (line ~ /^[ \t]*(Exec[A-Za-z]*|command)[ \t]*=/) {
        at = index(line, "=")
        return substr(line, 1, at) cleaned_command(substr(line, at + 1))
    }
    line = cleaned_condition(without_logins(line))
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
        match(low, /[a-z0-9_.-]*(pass|pwd|secret|token|api[_-]?key|credential|auth|login|private[_-]?key|dsn|salt|access[_-]key|bearer|signing|_key)[a-z0-9_.-]*["\047\]]*[ \t]*[=: \t]=?[ \t]*/)) {
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
# Brackets that a line of Python leaves open.
function left_open(line,  open) {
    gsub(/"[^"]*"|\047[^\047]*\047/, "", line); sub(/#.*/, "", line)
    open = gsub(/[[({]/, "", line)
    return open - gsub(/[])}]/, "", line)
}
function without_texts(line) {
    gsub(/"[^"]*"/, "\"HIDDEN\"", line); gsub(/\047[^\047]*\047/, "\047HIDDEN\047", line)
    return line
}
function has_secret_name(line,  words, count, i) {
    count = split(line, words, /[^A-Za-z0-9_]+/)
    for (i = 1; i <= count; i++) if (names_secret(words[i])) return 1
    return 0
}
# A line of Python: no remark, no text between three quotes, and of `NAME=value` in quotes only what is harmless.
function cleaned_python(line,  out, at, word, name, value) {
    if (in_text) { if (line ~ /"""|\047\047\047/) in_text = 0; return "" }
    if (line ~ /"""|\047\047\047/) { if (gsub(/"""|\047\047\047/, "", line) < 2) in_text = 1; return "" }
    # In brackets that a line with a secret opened, and where an address is put together.
    if (secret_depth > 0) { secret_depth += left_open(line); return without_texts(line) }
    if (line ~ /:\/\/[^"\047 ]*:["\047][ \t]*\+/) return without_texts(line)
    if (has_secret_name(line) && left_open(line) > 0) { secret_depth = left_open(line); return without_texts(line) }
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
