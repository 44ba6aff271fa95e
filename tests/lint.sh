#!/bin/sh
# Checks the Python and the shell here: ruff, mypy and shellcheck, of the versions in lint-requirements.txt.
# They are installed into target/tools where they are missing; `.ruff.toml`, `.mypy.ini` and `.shellcheckrc`
# say what they ask. Apps of strangers and releases that are broken on purpose are left alone, and so are
# templates of scripts (`.sh.j2`), which are no shell before they are rendered.
set -eu
cd "$(dirname "$0")/.."
wanted=tests/lint-requirements.txt
target=${CARGO_TARGET_DIR:-target}
tools=$target/tools/python
export RUFF_CACHE_DIR="$target/tools/ruff" MYPY_CACHE_DIR="$target/tools/mypy"

if ! cmp -s "$wanted" "$tools/installed.txt"; then
    rm -rf "$tools"
    if ! { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --requirement "$wanted"; } >&2; then
        rm -rf "$tools"
        echo 'lint: ruff, mypy and shellcheck could not be installed (Python 3.10 or newer with venv, and the' \
            'package index), so Python and shell were not checked' >&2
        # Nobody reads the word there.
        [ -z "${CI:-}" ] || exit 1
        exit 0
    fi
    cp "$wanted" "$tools/installed.txt"
fi

set -x
"$tools/bin/ruff" check --quiet
"$tools/bin/mypy" --no-error-summary
find .ci/run benches packaging templates tests -type f \( -name '*.sh' -o -path .ci/run \) -not -path 'tests/apps/*' \
    -not -path 'tests/showstoppers/*' -not -path 'tests/truth/*' -exec "$tools/bin/shellcheck" {} +
