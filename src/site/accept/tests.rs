use serde_json::json;

use super::*;

const TEXT: &str = "# The office's.\nbase:\n  debian: bookworm   # as in May\n  packages: [curl, libpq5]\nwsgi: {server: gunicorn, workers: 2}  # two\n\
                    env:\n  THEME: paper\n  # old\n  LEVEL: \"1\"\nhost:\n  # Small.\n  tmp: {size: 1MiB}\n";

fn path_of(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

fn put(path: &str, value: Value) -> Result<String, Obstacle> {
    with_value(TEXT, &path_of(path), Some(&value))
}

#[test]
fn a_value_is_changed_where_it_stands_and_remarks_stay() {
    let changed = |path: &str, value: Value, old: &str, new: &str| {
        assert_eq!(put(path, value).unwrap(), TEXT.replace(old, new), "{path}");
    };
    changed("base.debian", json!("trixie"), "bookworm   # as", "trixie   # as");
    changed("wsgi.workers", json!(4), "workers: 2}", "workers: 4}");
    changed("base.packages", json!(["curl"]), "[curl, libpq5]", "[curl]");
    changed("env.LEVEL", json!("yes"), "\"1\"", "\"yes\"");
}

#[test]
fn a_key_goes_with_its_line_or_its_comma_and_with_what_it_is_all_of() {
    let gone = |path: &str, old: &str, new: &str| {
        let text = with_value(TEXT, &path_of(path), None).unwrap();
        assert_eq!(text, TEXT.replace(old, new), "{path}");
    };
    gone("env.THEME", "  THEME: paper\n", "");
    gone("wsgi.workers", ", workers: 2", "");
    gone("wsgi.server", "server: gunicorn, ", "");
    gone("wsgi", "wsgi: {server: gunicorn, workers: 2}  # two\n", "");
    gone("host.tmp.size", "host:\n  # Small.\n  tmp: {size: 1MiB}\n", "  # Small.\n");
    gone("host.shm", "", "");
}

#[test]
fn a_new_key_comes_behind_those_of_its_map() {
    let added = |path: &str, value: Value, old: &str, new: &str| {
        assert_eq!(put(path, value).unwrap(), TEXT.replace(old, new), "{path}");
    };
    added("env.NEW", json!("a b"), "\"1\"\n", "\"1\"\n  NEW: \"a b\"\n");
    added("wsgi.threads", json!(3), "workers: 2}", "workers: 2, threads: 3}");
    added("user.groups", json!(["adm"]), "1MiB}\n", "1MiB}\nuser: {groups: [adm]}\n");
    added("base.locale", json!("C"), "libpq5]\n", "libpq5]\n  locale: C\n");
    added("host.localtime", Value::Null, "1MiB}\n", "1MiB}\n  localtime: null\n");
}

const LIST: &str = "base:\n  packages:   # by hand\n    # The driver.\n    - libpq5  # it is old\n\n    # For health.\n    - \"curl\"\n    - jq\n  locale: C\n";

#[test]
fn items_on_lines_of_their_own_come_and_go_and_those_that_stay_keep_their_remarks() {
    let rewritten = |value: Value, old: &str, new: &str| {
        let text = with_value(LIST, &path_of("base.packages"), Some(&value)).unwrap();
        assert_eq!(text, LIST.replace(old, new), "{value}");
    };
    rewritten(json!(["libpq5", "curl", "jq", "less"]), "- jq\n", "- jq\n    - less\n");
    rewritten(json!(["libpq5", "jq"]), "    - \"curl\"\n", "");
    rewritten(json!(["libpq5", "curl"]), "    - jq\n", "");
    rewritten(json!(["libpq5=15.8", "curl", "jq"]), "- libpq5  #", "- libpq5=15.8  #");
    rewritten(
        json!(["jq", "curl"]),
        "    - libpq5  # it is old\n\n    # For health.\n    - \"curl\"\n    - jq\n",
        "    - jq\n\n    # For health.\n    - \"curl\"\n",
    );
    let without = with_value(LIST, &path_of("base.packages"), None).unwrap();
    assert_eq!(without, "base:\n    # The driver.\n\n    # For health.\n  locale: C\n");
}

#[test]
fn what_a_person_has_to_see_to_is_said_with_why() {
    let obstacle = |text: &str, path: &str, value: Value| {
        with_value(text, &path_of(path), Some(&value)).unwrap_err()
    };
    let several =
        "env:\n  A: |\n    x\n  B: [a,\n    b]\n  C: plain\n    goes on\n  D: \"x\n    y\"\n";
    for path in ["env.A", "env.B", "env.C", "env.D", "env"] {
        assert_eq!(obstacle(several, path, json!("z")), Obstacle::SeveralLines, "{path}");
    }
    assert_eq!(line_of_key(several, &path_of("env.B")), 4);
    assert_eq!(line_of_key(several, &path_of("env.E")), 1);
    let shared = "env: &all {A: x}\nother: *all\nmore: {<<: *all, B: &b y}\nlast: *b\n";
    for path in ["env.A", "other.A", "other.C", "more.A", "more.B", "last"] {
        assert_eq!(obstacle(shared, path, json!("z")), Obstacle::Shared, "{path}");
    }
    assert_eq!(obstacle("env: x\n", "env.A", json!("z")), Obstacle::NoPlace);
    assert_eq!(obstacle("a:\n  - [b]\n  - c: 1\n", "a", json!(["z"])), Obstacle::SeveralLines);
}
