//! Takes out of a text what may be a secret: who logs in at an address, and what follows its `?`.

use std::sync::LazyLock;

use regex::Regex;

/// The text with `***` in the place of user names, passwords and tokens of addresses.
#[must_use]
pub fn masked(text: &str) -> String {
    static USER: LazyLock<Regex> = LazyLock::new(|| {
        // With a scheme before it any user; without one a user with a password, which may hold an `@`.
        Regex::new(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s?#]*@|(^|[\s=(`])[^\s/@:=(`]+:[^\s/]+@")
            .expect("a constant pattern")
    });
    static QUERY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(://[^\s?#]*)[?#][^\s`)]+").expect("a constant pattern"));
    let text = USER.replace_all(text, "$1$2***@");
    QUERY.replace_all(&text, "$1?***").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_logs_in_is_told() {
        let table = [
            ("https://pypi.org/simple", "https://pypi.org/simple"),
            ("https://u:p@pypi.example/simple", "https://***@pypi.example/simple"),
            ("ask https://token@a.example/x: no", "ask https://***@a.example/x: no"),
            ("http://u:p@ss@proxy:3128", "http://***@proxy:3128"),
            ("https_proxy=u:p@proxy:3128", "https_proxy=***@proxy:3128"),
            ("u:p@proxy:3128", "***@proxy:3128"),
            ("at tcp://me:x@box:2376 (context `c`)", "at tcp://***@box:2376 (context `c`)"),
            ("ssh://deploy@box", "ssh://***@box"),
            ("https://a.example/s?token=x&y=1 `b`", "https://a.example/s?*** `b`"),
            ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
            ("a mail to me@box: gone", "a mail to me@box: gone"),
        ];
        for (text, expected) in table {
            assert_eq!(masked(text), expected);
        }
    }
}
