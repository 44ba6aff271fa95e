#!/bin/sh
# Keeps a transaction open that has read each table of a database, and says what others lock and wait for meanwhile:
# a line of JSON for each sample that is new. `watch GATE DATABASE` goes on until somebody says `end GATE`.
what=$1
gate=/run/stagectl.locks-$2
if [ "$what" = end ]; then
  [ ! -p "$gate" ] || echo end > "$gate"
  exit
fi
export PGDATABASE="$3" PGHOST=/run/postgresql
sql() {
  setpriv --reuid postgres --regid postgres --clear-groups \
    psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 "$@"
}
rm -f "$gate"
mkfifo "$gate" || exit
# Open for both: nobody waits for whoever is at its other end.
exec 3<>"$gate" 4>&1

# Read committed and idle: such a transaction holds its locks, and no snapshot.
hold() {
  cat <<'SQL'
SET lock_timeout = '5s';
BEGIN ISOLATION LEVEL READ COMMITTED;
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^(pg_|information_schema$)'
  LOOP
    EXECUTE 'SELECT 1 FROM ' || name || ' LIMIT 1';
  END LOOP;
END $$;
\! echo open >&3
SQL
  read -r word <&3
  if [ "$word" = open ]; then
    # By `exec`: a shell that redirects a function keeps the pipe open, too.
    (exec >&4 2>&1; sample) &
    read -r word <&3
  fi
}

# Each round is a transaction of its own: nobody waits for its snapshot. Live code was connected before, and takes
# what reads and writes take; a stronger lock is the step's, whatever connection a pooler gave it.
sample() {
  sql --command "$(cat <<'SQL'
DO $$
DECLARE
  modes text[] := ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
    'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
  holder int;
  since timestamptz;
  began timestamptz := clock_timestamp();
  strongest json;
  waits json;
  seen text;
  last text;
  has_waited bool := false;
BEGIN
  SELECT pid, backend_start INTO holder, since FROM pg_stat_activity
    WHERE application_name = 'stagectl: an open transaction' AND datname = current_database();
  LOOP
    EXIT WHEN NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = holder);
    SELECT json_build_object('mode', l.mode, 'table', c.oid::regclass,
      'rank', array_position(modes, l.mode)) INTO strongest
      FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'relation' AND a.datname = current_database() AND a.backend_type = 'client backend'
        AND a.pid NOT IN (holder, pg_backend_pid())
        AND c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)'
        AND (a.backend_start > since OR array_position(modes, l.mode) > 3)
      ORDER BY array_position(modes, l.mode) DESC, c.relname LIMIT 1;
    SELECT json_agg(json_build_object(
        'id', concat_ws(' ', a.pid, extract(epoch FROM a.query_start), to_jsonb(l) ->> 'waitstart', l.locktype, l.relation),
        'for_open', holder = ANY (pg_blocking_pids(l.pid)), 'mode', l.mode,
        'table', (SELECT c.oid::regclass FROM pg_locks t JOIN pg_class c ON c.oid = t.relation
          WHERE t.pid = l.pid AND (t.relation = l.relation OR l.relation IS NULL AND t.locktype = 'tuple') LIMIT 1),
        'statement', left(a.query, 1000))) INTO waits
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE NOT l.granted AND a.datname = current_database() AND a.backend_type = 'client backend'
        -- A concurrent index waits for the rounds of this.
        AND pg_blocking_pids(l.pid) <> ARRAY[pg_backend_pid()];
    seen := concat(strongest, waits);
    has_waited := has_waited OR waits IS NOT NULL;
    IF has_waited OR seen IS DISTINCT FROM last THEN
      last := seen;
      RAISE INFO '%', json_build_object('at', round(extract(epoch FROM clock_timestamp() - began) * 1000),
        'strongest', strongest, 'waits', coalesce(waits, '[]'::json));
    END IF;
    COMMIT;
    PERFORM pg_sleep(0.02);
  END LOOP;
END $$
SQL
)"
}

hold | {
  PGAPPNAME='stagectl: an open transaction' sql --file - >&4 2>&1
  echo end >&3
}
rm -f "$gate"
