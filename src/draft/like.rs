//! Another site's file as a copy: its text with the names changed, every comment kept.

use crate::site::{HostName, Site, SiteName, Tls};

/// The text of a new site's file, and what was changed in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Copy {
    pub text: String,
    /// Domains: the old one, and what it is now.
    pub renamed: Vec<(String, String)>,
    /// The site's place in the row, where the file could be given one.
    pub order: Option<i64>,
}

/// Makes the text of `name` out of that of a site, with an order behind all others'. A domain that
/// holds the old site's name gets the new one; else the first one is called `domain`.
#[must_use]
pub fn copy(
    text: &str,
    like: &Site,
    name: &SiteName,
    domain: Option<&HostName>,
    order: i64,
) -> Copy {
    let mut renamed: Vec<(String, String)> = Vec::new();
    for old in domains(like) {
        let labels = old
            .split('.')
            .map(|label| if label == like.name.as_str() { name.as_str() } else { label });
        let named: String = labels.collect::<Vec<_>>().join(".");
        let new = match (domain, renamed.len()) {
            (Some(domain), 0) => domain.to_string(),
            _ if named != old => named,
            (_, 0) => format!("{name}.example"),
            (_, count) => format!("{name}-{}.example", count + 1),
        };
        renamed.push((old, new));
    }
    let mut copied = text.to_owned();
    // Longer ones first: one may be a part of another.
    let mut by_length: Vec<&(String, String)> = renamed.iter().collect();
    by_length.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    for (old, new) in by_length {
        copied = rename(&copied, old, new);
    }
    let (copied, order) = reorder(&copied, order);
    Copy { text: copied, renamed, order }
}

/// What the site's names and its certificates' have in common: `www.shop.example` and
/// `*.shop.example` are of `shop.example`.
fn domains(site: &Site) -> Vec<String> {
    let certified = site.tls.iter().flat_map(Tls::said_names).map(str::to_owned);
    let names = site.names.iter().chain(&site.wildcards).map(ToString::to_string);
    let mut names: Vec<String> = names
        .chain(certified)
        .map(|name| name.trim_start_matches("*.").to_owned())
        .filter(|name| name.contains('.') && name.parse::<std::net::IpAddr>().is_err())
        .collect();
    names.dedup();
    let mut domains: Vec<String> = Vec::new();
    for name in names {
        let shared = domains.iter_mut().find_map(|domain| {
            let shared = shared_end(domain, &name);
            (shared.split('.').count() >= 2).then_some((domain, shared))
        });
        match shared {
            Some((domain, shared)) => *domain = shared,
            None => domains.push(name.strip_prefix("www.").unwrap_or(&name).to_owned()),
        }
    }
    domains
}

/// The labels at the end that both have.
fn shared_end(one: &str, two: &str) -> String {
    let pairs = one.rsplit('.').zip(two.rsplit('.'));
    let mut labels: Vec<&str> =
        pairs.take_while(|(one, two)| one == two).map(|pair| pair.0).collect();
    labels.reverse();
    labels.join(".")
}

/// Every place where the domain stands by itself or below other labels.
fn rename(text: &str, old: &str, new: &str) -> String {
    let bytes = text.as_bytes();
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let mut copied = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices(old) {
        let end = at + old.len();
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let after = (bytes.get(end).copied(), bytes.get(end + 1).copied());
        let goes_on = after.0.is_some_and(is_of_a_name)
            || (after.0 == Some(b'.') && after.1.is_some_and(is_of_a_name));
        if at < done || before.is_some_and(is_of_a_name) || goes_on {
            continue;
        }
        copied.push_str(&text[done..at]);
        copied.push_str(new);
        done = end;
    }
    copied.push_str(&text[done..]);
    copied
}

/// Puts the number into the line `order:`, or a line with it before the first key.
fn reorder(text: &str, order: i64) -> (String, Option<i64>) {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let value = |line: &str| line.strip_prefix("order:").map(str::to_owned);
    if let Some(at) = lines.iter().position(|line| value(line).is_some()) {
        let rest = value(&lines[at]).unwrap_or_default();
        let trimmed = rest.trim_start();
        let end = trimmed.find(|c: char| c.is_whitespace() || c == '#').unwrap_or(trimmed.len());
        lines[at] = format!("order: {order}{}", &trimmed[end..]);
        return (lines.concat(), Some(order));
    }
    let is_key = |line: &String| {
        line.starts_with(|c: char| c.is_ascii_lowercase())
            && line.trim_end().split(' ').next().is_some_and(|word| word.ends_with(':'))
    };
    match lines.iter().position(is_key) {
        Some(at) => {
            // Behind the summary, which reads first.
            let at = if lines[at].starts_with("summary:") && lines.get(at + 1).is_some_and(is_key) {
                at + 1
            } else {
                at
            };
            lines.insert(at, format!("order: {order}\n"));
            (lines.concat(), Some(order))
        }
        // All in one map of braces: there it runs by its name.
        None => (lines.concat(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Project;

    fn copy_site(text: &str, domain: Option<&str>) -> Copy {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("environments")).unwrap();
        std::fs::create_dir_all(root.join("tests")).unwrap();
        std::fs::write(root.join("environments/site-a.yaml"), text).unwrap();
        let project = Project::load(root, |_| None).unwrap();
        let domain = domain.map(|domain| domain.parse().unwrap());
        copy(text, &project.sites[0], &"harbour".parse().unwrap(), domain.as_ref(), 20)
    }

    const SITE: &str = "# The office's.
summary: Head office
order: 10   # after none
base: {debian: bookworm}
names: [www.site-a.example, site-a.example]   # what the world says
tls: {certificate: {names: [\"*.site-a.example\", site-a.example]}}
wsgi: {server: gunicorn, application: 'shop:app'}
env: {URL: https://www.site-a.example/x, API: https://api.not-site-a.example.org}
critical: {path: ../tests}
";

    #[test]
    fn names_certificates_and_addresses_change_and_comments_stay() {
        let copy = copy_site(SITE, None);
        assert_eq!(copy.renamed, [("site-a.example".to_owned(), "harbour.example".to_owned())]);
        insta::assert_snapshot!(copy.text, @r#"
        # The office's.
        summary: Head office
        order: 20   # after none
        base: {debian: bookworm}
        names: [www.harbour.example, harbour.example]   # what the world says
        tls: {certificate: {names: ["*.harbour.example", harbour.example]}}
        wsgi: {server: gunicorn, application: 'shop:app'}
        env: {URL: https://www.harbour.example/x, API: https://api.not-site-a.example.org}
        critical: {path: ../tests}
        "#);
    }

    #[test]
    fn a_domain_may_be_asked_for_and_several_stay_apart() {
        let text = SITE.replace("order: 10   # after none\n", "");
        let text = text.replace(
            "[www.site-a.example, site-a.example]",
            "[www.site-a.example, site-a.example, board.mill.org]",
        );
        let text = text.replace("\"*.site-a.example\", ", "\"*.site-a.example\", board.mill.org, ");
        let copy = copy_site(&text, Some("hafen.de"));
        assert_eq!(
            copy.renamed,
            [
                ("site-a.example".to_owned(), "hafen.de".to_owned()),
                ("board.mill.org".to_owned(), "harbour-2.example".to_owned())
            ]
        );
        assert!(
            copy.text.contains("names: [www.hafen.de, hafen.de, harbour-2.example]"),
            "{}",
            copy.text
        );
        assert!(
            copy.text.starts_with("# The office's.\nsummary: Head office\norder: 20\nbase:"),
            "{}",
            copy.text
        );
    }
}
