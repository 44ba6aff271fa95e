#!/bin/sh
# Prints the commit that is built and its date, as `--version` shows them: `1a2b3c4d5 2026-11-29`. A checkout that was
# changed since says so (`1a2b3c4d5-changed`). Without git it is what STAGECTL_COMMIT says, which wins, or nothing.
cd "$(dirname "$0")/.." || exit
[ -z "${STAGECTL_COMMIT:-}" ] || { echo "$STAGECTL_COMMIT"; exit 0; }
[ -e .git ] || exit 0
commit=$(git rev-parse --short=9 HEAD 2>/dev/null) || exit 0
date=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%d --format=%cd)
changed=$(git status --porcelain --untracked-files=no)
echo "$commit${changed:+-changed} $date"
