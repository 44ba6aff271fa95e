//! What the words of a server or a proxy that does not start say of its description: the key that would help.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What is said, and the advice for it; `{}` is what the pattern's first group that matched holds, and
/// `{name}` what of that follows its last slash.
const WORDS: &[(&str, &str)] = &[
    (
        r#"Cannot access directory '(/[^']+?)/?' for error log|\(2\)No such file or directory: AH00091: [^:]*: could not open error log file (/\S+)/[^/\s]+\.$|open\(\) "(/[^"]+)/[^/"]+\.log" failed \(2: No such file"#,
        "if the live host has that folder, say so: `data: [{}]` makes it before anything starts",
    ),
    (
        r#"open\(\) "(/[^"]+)" failed \(2: No such file|Could not open configuration file (/\S+): No such file"#,
        "bring it along as it is on the live host: `files: [{path: {}, source: live/{name}, owner: root}]`; where a package has it, name that in `base.packages`",
    ),
    (
        r#"bad user name (\S+)|getpwnam\("([^"]+)"\) failed"#,
        "if `{}` is the live host's user of the site, say so: `user: {}`; if a package makes that user, add the package to `base.packages`",
    ),
    (
        r#"bad group name (\S+)|getgrnam\("([^"]+)"\) failed"#,
        "if a package makes the group `{}`, add the package to `base.packages`",
    ),
    (
        r"Unable to change working directory to home directory '([^']+)'",
        "mod_wsgi works in the user's home, and `{}` is not there: say where, `wsgi: {folder: data}`, or give the user a home",
    ),
    (
        r"Invalid command '(\w+)', perhaps misspelled or defined by a module",
        "`{}` belongs to a module that is not enabled: name it, `proxy: {modules: [...]}`, and the package that has it in `base.packages`",
    ),
    (
        r#"unknown directive "(\w+)""#,
        "`{}` belongs to a module of nginx: name its package, `base: {packages: [libnginx-mod-...]}`",
    ),
    (
        r"open\([^)]*/(\w+)_plugin\.so\): No such file|/(\w+)_plugin\.so: cannot open shared object",
        "if the live host has that plugin of uWSGI, name its package: `base: {packages: [uwsgi-plugin-{}]}`",
    ),
    (
        r"could not run \S+/venv/bin/(gunicorn|waitress-serve|uwsgi): .*No such file",
        "nothing that was installed brings `{}`: add it to what the release requires or to `install.extra`, or take Debian's: `wsgi: {from: distribution}`",
    ),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compiled = |(words, advice): &(&str, &'static str)| {
        (Regex::new(words).expect("a pattern of ours"), *advice)
    };
    WORDS.iter().map(compiled).collect()
});

/// The advice for the first line for which there is one.
pub(super) fn advice(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        let (found, advice) = PATTERNS
            .iter()
            .find_map(|(pattern, advice)| Some((pattern.captures(line)?, *advice)))?;
        let found = first_group(&found);
        let name = found.rsplit('/').next().unwrap_or(found);
        Some(advice.replace("{}", found).replace("{name}", name))
    })
}

/// The advice for a page that is asked for and leads to another one of the same host, or to itself.
pub(super) fn advice_of_redirect(seen: &str) -> Option<String> {
    static REDIRECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^HTTP 3\d\d .* from (https?://[^/\s]+)(\S*), expected .*, it leads to (\S+)$")
            .expect("a pattern of ours")
    });
    let found = REDIRECT.captures(seen)?;
    let (host, asked, to) = (&found[1], &found[2], &found[3]);
    let page = to.strip_prefix(host).unwrap_or(to);
    if page == asked {
        let advice = "the page leads to itself, as where the app takes the request for another one: by its scheme, if the live \
                      proxy says which that is (`proxy: {headers: {X-Forwarded-Proto: ...}}`), or by its host";
        return Some(advice.to_owned());
    }
    let is_here = page.starts_with('/') && !page.starts_with("//");
    is_here.then(|| {
        format!(
            "if the app is well when it leads there, ask for that page: `health: {{path: {page}}}`"
        )
    })
}

fn first_group<'a>(found: &Captures<'a>) -> &'a str {
    found.iter().skip(1).flatten().next().map_or("", |group| group.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_say_of_their_own_starts_names_the_key() {
        let said = [
            (
                "AH02291: Cannot access directory '/var/log/shop/' for error log of vhost defined at x:1",
                "`data: [/var/log/shop]`",
            ),
            (
                r#"nginx: [emerg] open() "/var/log/shop/error.log" failed (2: No such file or directory)"#,
                "`data: [/var/log/shop]`",
            ),
            (
                r#"nginx: [emerg] open() "/etc/nginx/snippets/a.conf" failed (2: No such file or directory) in /etc/nginx/sites-enabled/shop.conf:3"#,
                "{path: /etc/nginx/snippets/a.conf, source: live/a.conf, owner: root}",
            ),
            (
                "apache2: Syntax error on line 2 of /etc/apache2/sites-enabled/shop.conf: Could not open configuration file /etc/apache2/a.inc: No such file or directory",
                "source: live/a.inc,",
            ),
            ("AH00543: apache2: bad user name _graphite", "`user: _graphite`"),
            (r#"[emerg] 25#25: getpwnam("web") failed in /etc/nginx/nginx.conf:1"#, "`user: web`"),
            (
                "Invalid command 'uWSGISocket', perhaps misspelled or defined by a module not included in the server configuration",
                "`proxy: {modules: [...]}`",
            ),
            (
                "Unable to change working directory to home directory '/nonexistent' for daemon process",
                "`wsgi: {folder: data}`",
            ),
            (
                r#"[emerg] 25#25: unknown directive "more_set_headers" in /etc/nginx/sites-enabled/shop.conf:3"#,
                "libnginx-mod-",
            ),
            (
                "open(/usr/lib/uwsgi/plugins/apparmor_plugin.so): No such file or directory [core/utils.c line 3738]",
                "uwsgi-plugin-apparmor",
            ),
            (
                "could not run /srv/shop/venv/bin/gunicorn: [Errno 2] No such file or directory: '/srv/shop/venv/bin/gunicorn'",
                "`wsgi: {from: distribution}`",
            ),
        ];
        for (line, wanted) in said {
            let advice = advice(&["Reading".to_owned(), line.to_owned()]);
            let advice = advice.unwrap_or_else(|| panic!("nothing is advised for {line}"));
            assert!(advice.contains(wanted) && !advice.contains("{}"), "{line}\n{advice}");
        }
        assert_eq!(advice(&["Syntax error on line 3".to_owned()]), None);
    }

    #[test]
    fn a_page_that_is_elsewhere_is_the_one_to_ask_for() {
        let of = |to: &str| {
            let seen = "HTTP 302 Found from https://www.shop.example/, expected 200, it leads to";
            advice_of_redirect(&format!("{seen} {to}")).unwrap_or_default()
        };
        assert!(of("/.web").ends_with("`health: {path: /.web}`"));
        assert!(of("https://www.shop.example/login?next=/").ends_with("{path: /login?next=/}`"));
        assert!(of("https://www.shop.example/").starts_with("the page leads to itself"));
        assert_eq!(of("https://login.example/"), "");
        assert_eq!(of("//login.example/"), "");
        assert_eq!(advice_of_redirect("HTTP 404 Not Found from https://www.shop.example/"), None);
    }
}
