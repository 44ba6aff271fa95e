"""What the services of one app say of themselves, asked with the app's own URLs and drivers, by its own user.

Lines of `SERVICE KEY VALUE` for standard output: no log-in, no value of a row. Nothing is changed: sessions are read-only.
"""
import importlib
import os
import re
import socket
import sys
from urllib.parse import unquote, urlsplit

PATIENCE = 5
# Settings that a Debian package makes by itself, or that say where the server lies.
OF_THE_PACKAGE = {
    "application_name", "client_encoding", "cluster_name", "config_file", "data_directory", "DateStyle",
    "default_text_search_config", "dynamic_shared_memory_type", "external_pid_file", "hba_file", "ident_file",
    "lc_messages", "lc_monetary", "lc_numeric", "lc_time", "log_line_prefix", "log_timezone",
    "max_wal_size", "min_wal_size", "port", "ssl", "ssl_cert_file", "ssl_key_file",
    "stats_temp_directory", "TimeZone", "unix_socket_directories", "listen_addresses", "logging_collector",
    "log_destination", "log_directory", "log_filename", "ssl_ca_file", "primary_conninfo", "max_stack_depth",
    # How safe data is from a power cut: a replica has none that would be lost.
    "fsync", "full_page_writes", "synchronous_commit", "wal_level", "archive_mode", "wal_compression",
}


def say(service, key, value):
    text = re.sub(r"[\x00-\x1f\x7f]", "?", str(value))[:400]
    print(service, key, text, flush=True)


def environment(place):
    with open(int(place) if place.isdigit() else place, "rb") as file:
        pairs = (item.partition(b"=") for item in file.read().split(b"\0"))
        return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs if name}


def ask_postgres(service, url):
    """psycopg, psycopg2 or pg8000, whichever the app has."""
    url = re.sub(r"^(postgres|postgresql)(\+\w+)?:", "postgresql:", url)
    connection = None
    for driver in ("psycopg", "psycopg2"):
        try:
            module = __import__(driver)
        except ImportError:
            continue
        connection = module.connect(url, connect_timeout=PATIENCE)
        break
    else:
        try:
            module = importlib.import_module("pg8000.dbapi")
        except ImportError:
            say(service, "unread", "no driver of PostgreSQL in the app's environment")
            return
        parts = urlsplit(url)
        connection = module.connect(
            user=unquote(parts.username or os.environ.get("USER", "")), password=unquote(parts.password or "") or None,
            host=parts.hostname or "/var/run/postgresql", port=parts.port or 5432, database=parts.path.lstrip("/"),
            timeout=PATIENCE)
    cursor = connection.cursor()

    def rows(query):
        cursor.execute(query)
        return cursor.fetchall()

    query = "select current_setting('server_version'), current_user, current_database()"
    version, user, database = rows(query)[0]
    say(service, "version", version)
    say(service, "user", user)
    say(service, "database", database)
    query = ("select pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba) "
             "from pg_database where datname = current_database()")
    for encoding, collate, ctype, owner in rows(query):
        say(service, "encoding", encoding)
        say(service, "collation", collate)
        say(service, "ctype", ctype)
        say(service, "owner", owner)
    for name, in rows("select extname from pg_extension where extname <> 'plpgsql' order by 1"):
        say(service, "extension", name)
    for name, in rows("select rolname from pg_roles where rolname !~ '^pg_' and rolcanlogin and not rolsuper order by 1"):
        say(service, "role", name)
    query = ("select name, current_setting(name) from pg_settings where source in "
             "('configuration file', 'database', 'user', 'database user', 'global') order by 1")
    for name, value in rows(query):
        if (name, str(value)) in (("max_connections", "100"), ("shared_buffers", "128MB")):
            continue
        if name not in OF_THE_PACKAGE and not re.search("passw|secret|_key|command|conninfo", name):
            say(service, "setting", f"{name} {value}")
    connection.rollback()
    connection.close()


def ask_mysql(service, url):
    parts = urlsplit(url)
    arguments = {"host": parts.hostname or "localhost", "port": parts.port or 3306, "user": unquote(parts.username or ""),
                 "password": unquote(parts.password or ""), "database": parts.path.lstrip("/"), "connect_timeout": PATIENCE}
    for driver in ("pymysql", "MySQLdb", "mysql.connector"):
        try:
            module = __import__(driver, fromlist=["connect"])
        except ImportError:
            continue
        if driver == "MySQLdb":
            arguments["passwd"], arguments["db"] = arguments.pop("password"), arguments.pop("database")
        if driver == "mysql.connector":
            arguments["connection_timeout"] = arguments.pop("connect_timeout")
        connection = module.connect(**arguments)
        break
    else:
        say(service, "unread", "no driver of MariaDB in the app's environment")
        return
    cursor = connection.cursor()

    def rows(query):
        cursor.execute(query)
        return cursor.fetchall()

    version, user, database = rows("select version(), current_user(), database()")[0]
    say(service, "version", version)
    say(service, "user", str(user).split("@", 1)[0])
    say(service, "database", database)
    query = ("select default_character_set_name, default_collation_name from information_schema.schemata "
             "where schema_name = database()")
    for encoding, collation in rows(query):
        say(service, "encoding", encoding)
        say(service, "collation", collation)
    # The defaults of MariaDB 10.3 to 11.8.
    usual = {"sql_mode": "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
             "lower_case_table_names": "0", "max_allowed_packet": "16777216", "wait_timeout": "28800",
             "innodb_lock_wait_timeout": "50", "event_scheduler": "OFF"}
    for name, value in rows("show global variables"):
        if name in usual and str(value) != usual[name]:
            say(service, "setting", f"{name} {value}")
    connection.close()


def ask_plain(service, parts, port, question, answer):
    """A service with a plain protocol: what it answers to one question."""
    if parts.scheme.startswith("unix") or (not parts.hostname and parts.path.startswith("/")):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(PATIENCE)
        link.connect(parts.path)
    else:
        link = socket.create_connection((parts.hostname, parts.port or port), PATIENCE)
    with link:
        if question:
            link.sendall(question)
        data = b""
        while len(data) < 65536 and not re.search(answer, data):
            part = link.recv(4096)
            if not part:
                break
            data += part
    return data


def ask_redis(service, parts):
    def command(*words):
        return b"".join([b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words])

    log_in = b""
    if parts.password:
        words = [unquote(parts.username)] if parts.username else []
        log_in = command("AUTH", *words, unquote(parts.password))
    answer = rb"redis_version:[0-9.]+\r|-NOAUTH|-WRONGPASS|-DENIED"
    data = ask_plain(service, parts, 6379, log_in + command("INFO", "server"), answer)
    found = re.search(rb"redis_version:([0-9.]+)", data)
    say(service, "version" if found else "unread", found.group(1).decode() if found else "it does not answer INFO")
    for setting in ("maxmemory-policy", "maxmemory", "databases", "appendonly"):
        answer = rb"\r\n\$[0-9]+\r\n.*\r\n\$[0-9]+\r\n.*\r\n|^-|\*0\r\n"
        data = ask_plain(service, parts, 6379, log_in + command("CONFIG", "GET", setting), answer)
        words = data.decode(errors="replace").split("\r\n")
        if setting in words and words.index(setting) + 2 < len(words):
            value = words[words.index(setting) + 2]
            if value != {"maxmemory-policy": "noeviction", "maxmemory": "0", "databases": "16", "appendonly": "no"}[setting]:
                say(service, "setting", f"{setting} {value}")


def ask_memcached(service, parts):
    found = re.search(rb"VERSION ([0-9.]+)", ask_plain(service, parts, 11211, b"version\r\n", rb"\r\n"))
    say(service, "version" if found else "unread", found.group(1).decode() if found else "it does not say its version")


def ask_rabbitmq(service, parts):
    # The first frame of AMQP 0-9-1 says who the server is, before anybody logs in.
    data = ask_plain(service, parts, 5672, b"AMQP\x00\x00\x09\x01", rb"\xce")
    found = re.search(rb"\x07versionS\x00\x00\x00.([0-9.]+)", data)
    say(service, "version" if found else "unread", found.group(1).decode() if found else "it does not say its version")


def ask(service, url):
    parts = urlsplit(url)
    scheme = parts.scheme.split("+", 1)[0].lower()
    if scheme in ("postgres", "postgresql", "postgis", "psql", "pgsql"):
        ask_postgres(service, "postgresql" + url[url.index(":"):])
    elif scheme in ("mysql", "mariadb", "mysql2"):
        ask_mysql(service, url)
    elif scheme in ("redis", "unix") or scheme == "redis-socket":
        ask_redis(service, parts)
    elif scheme in ("memcached", "memcache", "pymemcache", "pymemcachecache"):
        ask_memcached(service, parts)
    elif scheme in ("amqp", "pyamqp"):
        ask_rabbitmq(service, parts)


def main():
    variables = environment(sys.argv[1])
    os.environ.pop("PGPASSFILE", None)
    for name in ("HOME", "USER", "LOGNAME", "PGPASSFILE", "PGSERVICEFILE"):
        if name in variables:
            os.environ[name] = variables[name]
    if "PGHOST" in variables or "PGDATABASE" in variables:
        for name, value in variables.items():
            if name.startswith("PG"):
                os.environ[name] = value
        variables["PGHOST"] = "postgresql://"
    for name, value in sorted(variables.items()):
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value):
            continue
        socket.setdefaulttimeout(PATIENCE)
        try:
            ask(name, value)
        # Whatever a driver raises: its words may hold a password, so only its kind is said.
        except Exception as error:
            say(name, "unread", f"{type(error).__name__} when it was asked")


main()
