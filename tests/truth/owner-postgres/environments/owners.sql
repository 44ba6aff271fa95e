CREATE TABLE notices (id integer);
ALTER TABLE notices OWNER TO reporting;
CREATE TABLE prices (id integer);
DO $$ BEGIN
  IF (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) <> 'postgres' THEN
    RAISE EXCEPTION 'the database is not of postgres';
  END IF;
END $$;
