#!/bin/sh
# Builds a release of the sample app:  build.sh VERSION OUTDIR [FORM...]
#
# A FORM is one of (`wheel` if none is given)
#   wheel   OUTDIR/noticeboard-VERSION-py3-none-any.whl, the same bytes every time
#   sdist   OUTDIR/noticeboard-VERSION.tar.gz
#   folder  OUTDIR/noticeboard-VERSION/            the source tree
#   tar     OUTDIR/noticeboard-VERSION-tree.tar.gz the source tree in an archive
#   zip     OUTDIR/noticeboard-VERSION-tree.zip
#
# The source of a release is `source/`, and on top of it the overlays of all releases up to it, in
# order. Needs python3 with venv (Debian: python3-venv) and a package index; pip's own variables
# (PIP_INDEX_URL, PIP_CERT, ...) are honoured.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
version=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- wheel
for form in "$@"; do
    case $form in wheel | sdist | folder | tar | zip) ;; *) usage ;; esac
done
[ -d "$here/releases/$version" ] || {
    echo "build.sh: no release $version; there are: $(ls "$here/releases" | tr '\n' ' ')" >&2
    exit 2
}

# Archives carry this date, 2026-01-01, and not today's.
export SOURCE_DATE_EPOCH=1767225600
export TZ=UTC PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

name=noticeboard-$version
tree=$work/tree/$name
mkdir -p "$tree" "$work/made"
cp -R "$here/source/." "$tree"
for release in $(ls "$here/releases" | sort -V); do
    cp -R "$here/releases/$release/." "$tree"
    [ "$release" != "$version" ] || break
done
find "$tree" -name __pycache__ -prune -exec rm -rf {} +
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# Runs setuptools, in the version that pyproject.toml asks for, outside the tree that is kept.
backend() {
    if [ ! -d "$work/venv" ]; then
        python3 -m venv "$work/venv"
        requires=$(sed -n 's/^requires = \["\(.*\)"\].*/\1/p' "$tree/pyproject.toml")
        "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$requires"
    fi
    rm -rf "$work/build"
    cp -Rp "$tree" "$work/build"
    tool=$1
    shift
    (cd "$work/build" && "$work/venv/bin/$tool" "$@")
}

for form in "$@"; do
    case $form in
    wheel)
        backend pip wheel --quiet --no-deps --no-build-isolation --wheel-dir="$work/made" .
        file=$name-py3-none-any.whl
        ;;
    sdist)
        backend python -c 'from setuptools.build_meta import build_sdist; build_sdist("../made")' \
            >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
        file=$name.tar.gz
        ;;
    folder)
        rm -rf "${out:?}/$name"
        cp -Rp "$tree" "$work/made/$name"
        file=$name
        ;;
    tar)
        file=$name-tree.tar.gz
        tar --sort=name --owner=0 --group=0 --numeric-owner -C "$work/tree" -cf - "$name" |
            gzip -n >"$work/made/$file"
        ;;
    zip)
        file=$name-tree.zip
        (cd "$work/tree" && python3 -m zipfile -c "$work/made/$file" "$name")
        ;;
    esac
    mv "$work/made/$file" "$out/$file"
    echo "$out/$file"
done
