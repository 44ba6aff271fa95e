//! What real servers, frameworks and libraries wrote when something went wrong (`logs/`, taken from real
//! runs; only their folders were renamed), and what is found in it.

use super::{Own, causes};

fn own() -> Own {
    Own { home: "/srv/shop".to_owned(), packages: vec!["shop".to_owned()] }
}

/// What is found in a log, as it would be shown.
fn found(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let lines = causes(&lines, &own()).into_iter().flat_map(|cause| cause.lines());
    lines.collect::<Vec<_>>().join("\n")
}

macro_rules! log {
    ($name:literal) => {
        found(include_str!(concat!("logs/", $name, ".log")))
    };
}

#[test]
fn servers_that_cannot_import_the_app() {
    insta::assert_snapshot!(log!("gunicorn-import"), @r"
    ModuleNotFoundError: No module named 'a_library_nobody_declared'
      at shop/compat.py:1 in <module>: import a_library_nobody_declared
      at shop/noimport.py:1 in <module>: from shop import compat
    ");
    insta::assert_snapshot!(log!("gunicorn-noattr"), @r"
    Failed to find attribute 'nothing' in 'shop.fails'.
    Worker (pid:31127) exited with code 4
    Shutting down: Master
    Reason: App failed to load.
    ");
    insta::assert_snapshot!(log!("uwsgi-import"), @r"
    ModuleNotFoundError: No module named 'a_library_nobody_declared'
      at shop/compat.py:1 in <module>: import a_library_nobody_declared
      at shop/noimport.py:1 in <module>: from shop import compat
    ");
    insta::assert_snapshot!(log!("waitress-import"), @"Error: No module named 'a_library_nobody_declared'");
}

#[test]
fn servers_whose_app_raises_in_a_request() {
    insta::assert_snapshot!(log!("gunicorn-request"), @r#"
    KeyError: 'EUR'
      at shop/fails.py:2 in total: return prices["EUR"]
      at shop/fails.py:10 in app: total({})
    "#);
    insta::assert_snapshot!(log!("gunicorn-flask"), @r#"
    FileNotFoundError: [Errno 2] No such file or directory: '/etc/shop/prices.json'
      at shop/flaskapp.py:7 in load: with open("/etc/shop/prices.json") as file:
      at shop/flaskapp.py:5 in front: return load()
    "#);
    insta::assert_snapshot!(log!("gunicorn-django"), @r"
    sqlite3.OperationalError: unable to open database file
      at shop/dj.py:10 in front: return HttpResponse(str(User.objects.count()))
    ");
    insta::assert_snapshot!(log!("gunicorn-sqlalchemy-enum"), @r#"
    KeyError: 'draft'
      at shop/wsgi.py:22 in <listcomp>: lines = [f"{notice.title}, {notice.state.name}\n" for notice in notices]
      at shop/wsgi.py:22 in application: lines = [f"{notice.title}, {notice.state.name}\n" for notice in notices]
      then LookupError: 'draft' is not among the defined enum values. Enum name: notice_state. Possible values: open, closed
    "#);
    insta::assert_snapshot!(log!("gunicorn-ply"), @r"
    IndexError: list index out of range
      at shop/search.py:47 in find: matches = yacc.yacc(debug=False, write_tables=False).parse(query, lexer=lex.lex())
      at shop/wsgi.py:12 in application: things = find(THINGS, query[0])
      before it /srv/shop/app/shop/search.py:19: No documentation string specified in function 'p_any' (ignored)
    ");
    insta::assert_snapshot!(log!("waitress-request"), @r#"
    KeyError: 'EUR'
      at shop/fails.py:2 in total: return prices["EUR"]
      at shop/fails.py:10 in app: total({})
    "#);
    insta::assert_snapshot!(log!("uwsgi-request"), @r#"
    KeyError: 'EUR'
      at shop/fails.py:2 in total: return prices["EUR"]
      at shop/fails.py:10 in app: total({})
    "#);
}

#[test]
fn programs_that_end_with_an_exception() {
    insta::assert_snapshot!(log!("py-migrate"), @r#"
    sqlite3.OperationalError: no such table: objects
      at shop/migrate.py:5 in upgrade: c.execute(sa.text("ALTER TABLE objects\n" + "\n".join(f"-- line {n} failed" for n in range ...
      at shop/migrate.py:6 in <module>: upgrade()
    "#);
    insta::assert_snapshot!(log!("py-group"), @r#"
    ValueError: no price
      at shop/group.py:1 in price: def price(): raise ValueError("no price")
      at shop/group.py:6 in both: try: f()
      then ExceptionGroup: the shop did not open (2 sub-exceptions)
    FileNotFoundError: [Errno 2] No such file or directory: '/srv/stock'
      at shop/group.py:2 in stock: def stock(): raise OSError(2, "No such file or directory", "/srv/stock")
      at shop/group.py:6 in both: try: f()
      then ExceptionGroup: the shop did not open (2 sub-exceptions)
    "#);
    insta::assert_snapshot!(log!("py-old"), @r#"
    SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?
      at shop/old.py:2: print "hello"
    "#);
    insta::assert_snapshot!(log!("py-oldimport"), @r#"
    SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?
      at shop/old.py:2: print "hello"
      at shop/oldimport.py:1 in <module>: import shop.old
    "#);
    insta::assert_snapshot!(log!("py-settings"), @r"
    pydantic_core._pydantic_core.ValidationError: 2 validation errors for Settings
    database_url
      Field required [type=missing, input_value={}, input_type=dict]
    currency
      Field required [type=missing, input_value={}, input_type=dict]
      at shop/settings.py:5 in <module>: Settings()
    ");
}

#[test]
fn what_is_logged_with_a_level_is_believed() {
    insta::assert_snapshot!(log!("py-basic"), @"certificate refused by bank");
    insta::assert_snapshot!(log!("py-lg"), @r"
    ZeroDivisionError: division by zero
      at shop/lg.py:2 in load: def load(): return 1/0
      at shop/lg.py:3 in <module>: try: load()
    ");
    insta::assert_snapshot!(log!("py-structured"), @r#"
    KeyError: 'EUR'
      at shop/structured.py:6 in load: return {}["EUR"]
      at shop/structured.py:7 in <module>: try: load()
    "#);
}

#[test]
fn proxies_and_databases_tell_by_their_levels() {
    insta::assert_snapshot!(log!("mod-wsgi"), @"TypeError: 'module' object is not callable");
    insta::assert_snapshot!(log!("nginx"), @r#"
    open() "/var/lib/shop/static/plain.js" failed (13: Permission denied) (GET /static/plain.js)
    open() "/srv/shop/static/plain.js" failed (2: No such file or directory) (GET /static/plain.js)
    "#);
    insta::assert_snapshot!(log!("postgres"), @r#"
    must be owner of table notices
    relation "prices" does not exist at character 15
    role "nobody" does not exist
    "#);
    insta::assert_snapshot!(log!("psql"), @r#"
    must be owner of table notices
    relation "prices" does not exist
    LINE 1: select * from prices
    psql: error: connection to server on socket "/run/postgresql/.s.PGSQL.54329" failed: FATAL:  role "nobody" does not exist
    "#);
}
