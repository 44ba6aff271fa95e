//! From the letters of a value to its meaning, or to a complaint with a way out.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use crate::site::masked::masked;
use crate::site::problem::nearest;
use crate::site::requirements::normalised;
use crate::site::value::{BadValue, HostName, Published};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Complaint { message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<BadValue> for Complaint {
    fn from(error: BadValue) -> Self {
        Complaint::new(error.to_string())
    }
}

pub(super) type Judged<T> = Result<T, Complaint>;

/// Anything that reads itself.
pub(super) fn parsed<T: FromStr<Err = BadValue>>(text: &str) -> Judged<T> {
    Ok(text.parse()?)
}

/// A public name; wildcards are for certificates.
pub(super) fn host(text: &str) -> Judged<HostName> {
    text.parse().map_err(|error| {
        let complaint = Complaint::from(error);
        let lower = text.to_lowercase();
        if lower.parse::<HostName>().is_ok() {
            complaint.hint(format!("write it in lowercase: {lower}"))
        } else if text.contains("://") {
            complaint.hint("write the name alone, without scheme and path")
        } else if text.starts_with("*.") {
            complaint.hint("wildcards belong into tls.certificate.names")
        } else {
            complaint
        }
    })
}

/// A certificate's name: a host, `*.` and a host, or an address.
pub(super) fn certificate_name(text: &str) -> Judged<String> {
    let lower = text.to_lowercase();
    let bare = lower.strip_prefix("*.").unwrap_or(&lower);
    if bare.parse::<HostName>().is_ok() || text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(lower);
    }
    let complaint = Complaint::new(format!("`{text}` is not a certificate's name"));
    Err(if text.contains('*') {
        complaint.hint("a wildcard is the whole first label: *.example.org")
    } else {
        complaint
    })
}

/// `C`, `C.UTF-8`, `de_DE.UTF-8`, `sr_RS@latin`.
pub(super) fn locale(text: &str) -> Judged<String> {
    let (rest, modifier) = text.split_once('@').unwrap_or((text, "x"));
    let (name, encoding) = rest.split_once('.').unwrap_or((rest, "x"));
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_name = match name.split_once('_') {
        None => name == "C" || name == "POSIX",
        Some((language, territory)) => {
            (2..=3).contains(&language.len())
                && language.bytes().all(|b| b.is_ascii_lowercase())
                && territory.len() == 2
                && territory.bytes().all(|b| b.is_ascii_uppercase())
        }
    };
    if is_name && is_word(encoding) && is_word(modifier) {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a locale"))
        .hint("write it as `locale -a` shows it: C.UTF-8, de_DE.UTF-8"))
}

/// A zone of the IANA data base, by its exact name.
pub(super) fn timezone(text: &str) -> Judged<String> {
    let database = jiff::tz::TimeZoneDatabase::bundled();
    if database.get(text).is_ok_and(|zone| zone.iana_name() == Some(text)) {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = database.available().map(|name| name.to_string()).collect();
    let hint = match nearest(text, names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write it as Region/City, such as Europe/Berlin".to_owned(),
    };
    Err(Complaint::new(format!("`{text}` is not a time zone")).hint(hint))
}

/// A URL prefix; slashes at both ends are put there.
pub(super) fn url_prefix(text: &str) -> Judged<String> {
    let inner = text.trim_matches('/');
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    if text == "/" {
        return Ok(text.to_owned());
    }
    if !text.starts_with('/') || !inner.split('/').all(is_segment) || text.contains("//") {
        return Err(Complaint::new(format!("`{text}` is not a URL prefix"))
            .hint("write it with slashes at both ends: /board/"));
    }
    Ok(format!("/{inner}/"))
}

/// An absolute path on the site, in a place that a description may fill.
pub(super) fn site_path(text: &str) -> Judged<PathBuf> {
    let is_plain = text.starts_with('/')
        && !text.chars().any(char::is_control)
        && Path::new(text)
            .components()
            .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !is_plain {
        return Err(Complaint::new(format!("`{text}` is not an absolute path on the site"))
            .hint("write it from `/`, without `..`"));
    }
    let path: PathBuf = Path::new(text).components().collect();
    for kept in ["/proc", "/dev", "/sys", "/opt/stagectl"] {
        if path.starts_with(kept) {
            return Err(Complaint::new(format!("nothing may be put below `{kept}`")));
        }
    }
    if path.parent().is_none() {
        return Err(Complaint::new("`/` itself cannot be described"));
    }
    Ok(path)
}

/// A path from the app's home, or from the root of a release: it stays below.
pub(super) fn path_below(text: &str) -> Judged<PathBuf> {
    let path: PathBuf =
        Path::new(text).components().filter(|part| *part != Component::CurDir).collect();
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !is_below || path.as_os_str().is_empty() || text.chars().any(char::is_control) {
        return Err(Complaint::new(format!("`{text}` is not a path below"))
            .hint("write it without a slash in front, and without `..`"));
    }
    Ok(path)
}

/// The glob of log files on the site.
pub(super) fn log_pattern(text: &str) -> Judged<String> {
    let is_plain = !text.chars().any(char::is_control) && !text.split('/').any(|part| part == "..");
    if !text.starts_with('/') || !is_plain {
        return Err(Complaint::new(format!("`{text}` is not an absolute path on the site"))
            .hint("write where the log is, such as `/var/log/shop/*.log`"));
    }
    if ["/proc", "/sys", "/dev"]
        .iter()
        .any(|root| text == *root || text.starts_with(&format!("{root}/")))
    {
        return Err(Complaint::new(format!("`{text}` is no place for logs"))
            .hint("write where the log is, such as `/var/log/shop/*.log`"));
    }
    if text.ends_with('/') {
        return Err(Complaint::new(format!("`{text}` is a folder"))
            .hint(format!("name its files: `{text}*.log`")));
    }
    Ok(text.to_owned())
}

/// An absolute path on the site, or one from the app's home.
pub(super) fn place(text: &str) -> Judged<PathBuf> {
    if text.starts_with('/') { site_path(text) } else { path_below(text) }
}

/// A Debian package, perhaps pinned: `libpq5`, `libpq5=15.8-0+deb12u1`.
pub(super) fn package(text: &str) -> Judged<String> {
    let (name, version) = text.split_once('=').unwrap_or((text, "1"));
    let is_name = name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.:".contains(&b));
    let is_version = version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-:~".contains(&b));
    if is_name && is_version {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a Debian package"))
        .hint("write its name, or `name=version`"))
}

/// A name of PostgreSQL, or another word that goes into a config file as it is.
pub(super) fn word(text: &str) -> Judged<String> {
    let is_word = (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if is_word {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a name"))
        .hint("write letters, digits, `_`, `-` and `.`, at most 63, the first one a letter"))
}

/// Text of one line that is not empty.
pub(super) fn line(text: &str) -> Judged<String> {
    if text.trim().is_empty() {
        return Err(Complaint::new("the text is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Complaint::new("the text has more than one line, or control characters"));
    }
    Ok(text.to_owned())
}

/// A package index.
pub(super) fn index_url(text: &str) -> Judged<String> {
    let is_url = ["https://", "http://", "file:///"].iter().any(|scheme| text.starts_with(scheme))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_url {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{}` is not the address of a package index", masked(text)))
        .hint("such as https://pypi.example/simple"))
}

/// A release as a package index knows it.
pub(super) fn published(text: &str) -> Judged<Published> {
    text.parse()
        .map_err(|error| Complaint::from(error).hint("its name and version: noticeboard==1.1"))
}

/// The name of an extra, as the index knows it.
pub(super) fn extra(text: &str) -> Judged<String> {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        && is_end(text.chars().next())
        && is_end(text.chars().next_back());
    if is_name {
        return Ok(normalised(text));
    }
    Err(Complaint::new(format!("`{text}` is not the name of an extra"))
        .hint("such as `pdf`, for what `pip install shop[pdf]` brings"))
}

/// A requirement to be installed: not an option of the installer.
pub(super) fn requirement(text: &str) -> Judged<String> {
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return line(text);
    }
    Err(Complaint::new(format!("`{text}` is not a requirement")).hint("such as gunicorn==23.0.0"))
}

/// The name of a variable that a description may set.
pub(super) fn variable(text: &str) -> Judged<String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name {
        return Err(Complaint::new(format!("`{text}` is not the name of a variable"))
            .hint("write letters, digits and `_`, the first one no digit"));
    }
    if text.starts_with("STAGECTL_") {
        return Err(Complaint::new(format!("`{text}` is set by stagectl itself"))
            .hint("no live process has it: variables of this kind are the suite's"));
    }
    Ok(text.to_owned())
}

/// The name of a variable that the suite may be given: of what it has, some is its container's own.
pub(super) fn suite_variable(text: &str) -> Judged<String> {
    if ["PATH", "HOME"].contains(&text) || text.starts_with("STAGECTL_") {
        return Err(Complaint::new(format!("`{text}` is set by stagectl itself")));
    }
    variable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name, a judge, what it takes and what it refuses.
    type Row<'a> = (&'a str, &'a dyn Fn(&str) -> bool, &'a [&'a str], &'a [&'a str]);

    /// Each judge with what it takes and what it refuses.
    #[test]
    fn every_kind_of_value_has_its_shape() {
        fn ok<T>(judge: fn(&str) -> Judged<T>) -> impl Fn(&str) -> bool {
            move |text| judge(text).is_ok()
        }
        let table: [Row; 12] = [
            (
                "locale",
                &ok(locale),
                &["C", "C.UTF-8", "de_DE.UTF-8", "ca_ES@valencia", "POSIX"],
                &["", "de", "de_de.UTF-8", "C.", "de_DE.UTF-8; rm"],
            ),
            (
                "timezone",
                &ok(timezone),
                &["UTC", "Europe/Berlin"],
                &["Europe/Berln", "europe/berlin", ""],
            ),
            (
                "prefix",
                &ok(url_prefix),
                &["/", "/board/", "/a/b"],
                &["board", "/a//b/", "/../", "/a b/", ""],
            ),
            (
                "site path",
                &ok(site_path),
                &["/etc/app.ini", "/srv/a/"],
                &[
                    "etc/a",
                    "/proc/x",
                    "/dev",
                    "/sys/a",
                    "/opt/stagectl/x",
                    "/a/../b",
                    "/",
                    "",
                    "/a\nb",
                ],
            ),
            ("below", &ok(path_below), &["static", "./a/b"], &["/static", "../a", "", "."]),
            (
                "package",
                &ok(package),
                &["libpq5", "g++", "libpq5=15.8-0+deb12u1", "libc6:i386"],
                &["Libpq", "a b", "-y", "libpq5=", "x;y"],
            ),
            (
                "word",
                &ok(word),
                &["noticeboard", "pg_trgm", "uuid-ossp"],
                &["", "a b", "1a", "a'b"],
            ),
            (
                "variable",
                &ok(variable),
                &["A", "_a1", "PATH", "HOME"],
                &["1A", "A-B", "", "STAGECTL_X"],
            ),
            ("requirement", &ok(requirement), &["gunicorn==23.0.0"], &["-r x", "", "a\nb"]),
            (
                "index",
                &ok(index_url),
                &["https://pypi.example/simple"],
                &["pypi.example", "https://a b"],
            ),
            ("host", &ok(host), &["a.example"], &["A.example", "*.example", "https://a", "a_b"]),
            (
                "certificate name",
                &ok(certificate_name),
                &["*.a.example", "a.example"],
                &["a.*.example", "*", "*a.example", ""],
            ),
        ];
        for (name, judge, right, wrong) in table {
            for text in right {
                assert!(judge(text), "{name}: `{text}` is right");
            }
            for text in wrong {
                assert!(!judge(text), "{name}: `{text}` is wrong");
            }
        }
    }

    #[test]
    fn complaints_know_the_way_out() {
        let hint = |complaint: Option<Complaint>| complaint.unwrap().hint.unwrap();
        assert_eq!(hint(timezone("Europe/Berln").err()), "did you mean `Europe/Berlin`?");
        assert_eq!(hint(host("Shop.Example").err()), "write it in lowercase: shop.example");
        assert_eq!(
            hint(host("*.shop.example").err()),
            "wildcards belong into tls.certificate.names"
        );
    }
}
