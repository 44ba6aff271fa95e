# Files as they may leave the host.
# shellcheck shell=sh disable=SC2012,SC2013,SC2016,SC2020,SC2034,SC2046,SC2154

# A text as it may leave: without remarks, which hold what was once true, and not at all where a private key is in it.
show_text() {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    [ "$(head -c 262145 "$1" | wc -c)" -le 262144 ] || { echo 'larger than 256 KiB'; return 1; }
    ! grep -q 'PRIVATE KEY' "$1" || { echo 'a private key is in it'; return 1; }
    case $1 in */etc/nginx/*) of=nginx ;; */etc/apache2/*) of=apache ;; *) of= ;; esac
    tr -d '\000' < "$1" | awk -v of="$of" "$harmless"'
        /^[ \t]*[#;]/ && !/^#!/ { print ""; next }
        # What goes on below is one line to Apache.
        of == "apache" { line = line $0; if (sub(/\\$/, " ", line)) next; print cleaned(line); line = ""; next }
        { print of == "nginx" ? cleaned_nginx($0) : cleaned($0) }
        END { if (line != "") print cleaned(line) }'
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
