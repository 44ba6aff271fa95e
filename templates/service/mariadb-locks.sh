#!/bin/sh
# Keeps a transaction open that has read each table of a database, and says what others lock and wait for meanwhile:
# a line of JSON for each sample that is new. `watch GATE DATABASE` goes on until somebody says `end GATE`.
what=$1
gate=/run/stagectl.locks-$2
if [ "$what" = end ]; then
  [ ! -p "$gate" ] || echo end > "$gate"
  exit
fi
client=$(command -v mariadb || command -v mysql)
database=$3
mark=stagectl.locks-$2
sql() {
  "$client" --no-defaults --skip-ssl --batch --skip-column-names --raw --unbuffered --default-character-set=utf8mb4 \
    --socket /run/mysqld/mysqld.sock --user root --database "$database" "$@"
}
rm -f "$gate"
mkfifo "$gate" || exit
# Open for both: nobody waits for whoever is at its other end.
exec 3<>"$gate" 4>&1

# The plugin says who holds which lock on a table; where it is not there, the statements say who waits for one.
sql --execute "INSTALL PLUGIN IF NOT EXISTS METADATA_LOCK_INFO SONAME 'metadata_lock_info'" >/dev/null 2>&1 || true
locks='SELECT * FROM information_schema.METADATA_LOCK_INFO'
sql --execute "$locks LIMIT 1" >/dev/null 2>&1 ||
  locks="SELECT 0 THREAD_ID, '' LOCK_MODE, '' LOCK_TYPE, '' TABLE_SCHEMA, '' TABLE_NAME FROM DUAL WHERE FALSE"

# Whoever holds this lock is the open transaction.
hold() {
  echo "SET lock_wait_timeout = 5; DO GET_LOCK('$mark', 0); START TRANSACTION;"
  sql --execute "SELECT CONCAT('SELECT 1 FROM \`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\` LIMIT 1;')
    FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'" 2>&4
  printf '%s\n' '\! echo open >&3'
  read -r word <&3
  if [ "$word" = open ]; then
    # By `exec`: a shell that redirects a function keeps the pipe open, too.
    (exec >&4 2>&1; sample) &
    read -r word <&3
  fi
}

# Live code was connected before, and takes what reads and writes take; a stronger lock is the step's. What waits for
# the transaction has said before that it changes the schema, or which table it locks.
sample() {
  sql <<SQL
DELIMITER //
BEGIN NOT ATOMIC
  DECLARE modes TEXT DEFAULT 'MDL_SHARED,MDL_SHARED_HIGH_PRIO,MDL_SHARED_READ,MDL_SHARED_WRITE,MDL_SHARED_UPGRADABLE,MDL_SHARED_READ_ONLY,MDL_SHARED_NO_WRITE,MDL_SHARED_NO_READ_WRITE,MDL_EXCLUSIVE';
  DECLARE began, moment DATETIME(6) DEFAULT SYSDATE(6);
  DECLARE holder BIGINT DEFAULT IS_USED_LOCK('$mark');
  DECLARE strongest, waits, seen, last LONGTEXT DEFAULT NULL;
  DECLARE has_waited BOOL DEFAULT FALSE;
  WHILE IS_USED_LOCK('$mark') = holder DO
    SET strongest = NULL, moment = SYSDATE(6);
    SELECT GROUP_CONCAT(JSON_OBJECT(
        'id', CONCAT_WS(' ', p.ID, p.QUERY_ID),
        'for_open', IF(p.STATE = 'Waiting for table metadata lock' AND (p.INFO RLIKE '^[[:space:]]*(ALTER|DROP|TRUNCATE|RENAME|CREATE|OPTIMIZE|REPAIR|LOCK)'
          OR EXISTS (SELECT 1 FROM ($locks) l WHERE l.THREAD_ID = p.ID AND l.LOCK_TYPE = 'Schema metadata lock')), TRUE, FALSE),
        'mode', 'MDL_EXCLUSIVE',
        'table', COALESCE((SELECT l.TABLE_NAME FROM ($locks) l WHERE l.THREAD_ID = p.ID AND l.LOCK_TYPE = 'Table metadata lock'
            ORDER BY FIND_IN_SET(l.LOCK_MODE, modes) DESC LIMIT 1),
          (SELECT t.TABLE_NAME FROM information_schema.TABLES t
            WHERE t.TABLE_SCHEMA = DATABASE() AND LOCATE(t.TABLE_NAME, p.INFO) > 0 ORDER BY CHAR_LENGTH(t.TABLE_NAME) DESC LIMIT 1)),
        'statement', LEFT(p.INFO, 1000))) INTO waits
      FROM information_schema.PROCESSLIST p
      WHERE p.STATE LIKE 'Waiting for % lock' AND p.DB = DATABASE() AND p.ID NOT IN (holder, CONNECTION_ID());
    SELECT JSON_OBJECT('mode', l.LOCK_MODE, 'table', l.TABLE_NAME, 'rank', FIND_IN_SET(l.LOCK_MODE, modes)) INTO strongest
      FROM ($locks) l
      WHERE l.LOCK_TYPE = 'Table metadata lock' AND l.TABLE_SCHEMA = DATABASE() AND l.TABLE_NAME NOT LIKE '#sql%'
        AND l.THREAD_ID NOT IN (0, holder, CONNECTION_ID())
        AND (l.THREAD_ID > holder OR FIND_IN_SET(l.LOCK_MODE, modes) > 4)
      ORDER BY FIND_IN_SET(l.LOCK_MODE, modes) DESC LIMIT 1;
    SET seen = CONCAT_WS(',', strongest, waits);
    SET has_waited = has_waited OR waits IS NOT NULL;
    IF has_waited OR last IS NULL OR seen <> last THEN
      SET last = seen;
      SELECT CONCAT('{"at": ', ROUND(TIMESTAMPDIFF(MICROSECOND, began, moment) / 1000), ', "strongest": ', COALESCE(strongest, 'null'),
        ', "waits": [', COALESCE(waits, ''), ']}');
    END IF;
    DO SLEEP(0.02);
  END WHILE;
END//
SQL
}

hold | {
  sql >&4 2>&1
  echo end >&3
}
rm -f "$gate"
