//! Configurations as they leave a host: no value that is compared with a secret, and every brace and quote in its place.

use super::captured;

const NGINX: &str = r#"
if ($cookie_session = "planted") { return 200; }
location = /status { if ($arg_token != planted) { return 403; } }
if ($http_x_token = "") {
    return 403;
}
if ($http_authorization ~* "planted") { return 403; }
map $http_x_api_key $okay {
    default 0;
    "planted" 1;
    planted2 1;
}
map $uri $place { /a 1; }
proxy_set_header X-Secret "planted";
proxy_pass http://user:planted@127.0.0.1:8000;
"#;

const NGINX_SHOWN: &str = r#"
if ($cookie_session = "HIDDEN") { return 200; }
location = /status { if ($arg_token != HIDDEN) { return 403; } }
if ($http_x_token = "") {
    return 403;
}
if ($http_authorization ~* "HIDDEN") { return 403; }
map $http_x_api_key $okay {
    default 0;
    HIDDEN 1;
    HIDDEN 1;
}
map $uri $place { /a 1; }
proxy_set_header X-Secret HIDDEN;
proxy_pass http://HIDDEN@127.0.0.1:8000;
"#;

const APACHE: &str = r#"
<If "%{HTTP:X-Api-Token} == 'planted'">
RewriteCond %{HTTP:X-Auth-Token} !=planted
RewriteCond %{HTTPS} off
RewriteCond %{QUERY_STRING} token=planted
Header set X-Secret "a \
 planted"
"#;

const APACHE_SHOWN: &str = r#"
<If "%{HTTP:X-Api-Token} == 'HIDDEN'">
RewriteCond %{HTTP:X-Auth-Token} !=HIDDEN
RewriteCond %{HTTPS} off
RewriteCond %{QUERY_STRING} token=HIDDEN
Header set X-Secret "HIDDEN"
"#;

const PYTHON: &str = r#"
bind = "127.0.0.1:8000"
password = ("planted"
    "planted2")
connect(password
    ="planted")
keys = ("planted",
    "planted2")
url = "postgres://u:" + "planted" + "@h/d"
raw_env = ["RAW_MODE=on", "RAW_PASSWORD=planted"]
headers = {"X-Api-Key": "planted"}
if token == "planted":
    workers = 3
"#;

const PYTHON_SHOWN: &str = r#"
bind = "127.0.0.1:8000"
password = ("HIDDEN"
    "HIDDEN")
connect(password
    ="HIDDEN")
keys = ("HIDDEN",
    "HIDDEN")
url = "HIDDEN" + "HIDDEN" + "HIDDEN"
raw_env = ["RAW_MODE=on", "RAW_PASSWORD=HIDDEN"]
headers = {"X-Api-Key": "HIDDEN"}
if token == "HIDDEN":
    workers = 3
"#;

#[test]
fn values_of_secrets_are_hidden_and_what_closes_behind_them_stays() {
    for (path, show, text, shown) in [
        ("etc/nginx/conf.d/site.conf", "show_text", NGINX, NGINX_SHOWN),
        ("etc/apache2/sites-enabled/site.conf", "show_text", APACHE, APACHE_SHOWN),
        ("srv/shop/gunicorn.conf.py", "show_unit", PYTHON, PYTHON_SHOWN),
    ] {
        let script = format!(
            "set -e; stagectl capture --script | sed '$d' > read.sh; echo '{show} \"$PWD/{path}\"' >> read.sh; sh read.sh"
        );
        let said = captured().file(path, text).shell(&script).exit_code(0).out();
        assert_eq!(said, shown, "{path}");
    }
}
