# shellcheck shell=bash disable=SC2164,SC2103 # `run.sh`, which it is part of, ends at any error
# Loads a seed: its name and its form. The database's own script says what `load_sql FILE`,
# `load_dump FILE` and `run_command FILE` are; each fails with the database's words, which name the
# file and the line.
load_seed() {
  cd seeds
  load_part "$1" "$2"
  cd ..
}

load_part() {
  local file=$1
  say "loading $file"
  case $2 in
  sql) load_sql "$file" ;;
  sql-gz)
    local sql=${file%.gz}
    [ "$sql" != "$file" ] || sql=$file.sql
    gzip -dc "$file" > "$sql" || fail "$file cannot be unpacked"
    load_sql "$sql"
    ;;
  dump) load_dump "$file" ;;
  command)
    cd "$(dirname "$file")"
    run_command "./$(basename "$file")" || fail "$file ended with code $?"
    cd - >/dev/null
    ;;
  archive) load_archive "$file" ;;
  esac
}

# Of pg_dump, or of seeds that are loaded in the order of their names.
load_archive() {
  local file=$1 folder=${1%.tar*}.d part form loaded=0
  # To its end before anybody looks: a reader that leaves at the first match would end `tar` by a signal.
  tar -tf "$file" > /stagectl-build/members || fail "$file cannot be unpacked"
  if grep -qxE '(\./)?toc\.dat' /stagectl-build/members; then
    load_dump "$file"
    return
  fi
  mkdir "$folder"
  tar -xf "$file" -C "$folder" || fail "$file cannot be unpacked"
  chmod -R a+rX "$folder"
  while IFS= read -r -d '' part; do
    case $part in
    *.sql) form=sql ;;
    *.sql.gz) form='sql-gz' ;;
    *.dump | *.backup | *.pgdump) form=dump ;;
    *.sh) form='command' ;;
    *) continue ;;
    esac
    load_part "$part" "$form"
    loaded=$((loaded + 1))
  done < <(find "$folder" -type f -print0 | LC_ALL=C sort -z)
  [ "$loaded" -gt 0 ] || fail "$file has nothing that can be loaded: no .sql, .sql.gz, .dump or .sh"
}
