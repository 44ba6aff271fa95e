//! Which pages a suite asked for, as the proxy's log of requests has them.

use crate::replica::Addresses;
use crate::site::Site;

/// Pages that are taken from a log.
const MOST: usize = 4;
/// A longer path is none that a person would want to read in a report.
const LONGEST: usize = 120;

/// Pages below the site's address that the suite asked for with GET and that answered, those that it asked most often
/// first. Static files are the proxy's, and a question mark may hold what is secret: neither is among them.
#[must_use]
pub fn asked_pages(site: &Site, addresses: &Addresses, log: &[String]) -> Vec<String> {
    let suite = addresses.of_the_suite();
    let mut pages: Vec<(String, usize)> = Vec::new();
    for line in log.iter().filter(|line| is_of(&suite, line)) {
        let Some(page) = answered(line).and_then(|path| below(site, path)) else { continue };
        match pages.iter_mut().find(|(known, _)| *known == page) {
            Some((_, times)) => *times += 1,
            None => pages.push((page, 1)),
        }
    }
    pages.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    pages.into_iter().take(MOST).map(|(page, _)| page).collect()
}

fn is_of(suite: &[String], line: &str) -> bool {
    line.split_whitespace().any(|word| suite.iter().any(|address| address == word))
}

/// The path of `"GET /list HTTP/1.1" 200 ...`.
fn answered(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\"GET ")?;
    let (request, rest) = rest.split_once('"')?;
    let status: u16 = rest.split_whitespace().next()?.parse().ok()?;
    let path = request.split_once(" HTTP/")?.0;
    (200..400).contains(&status).then_some(path)
}

/// The path below the site's address; `None` for what is no page of the app.
fn below(site: &Site, path: &str) -> Option<String> {
    let is_plain = path.len() <= LONGEST
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~%+@:,".contains(&byte));
    let is_static = site.proxy.static_files.keys().any(|prefix| path.starts_with(prefix.as_str()));
    let page = format!("/{}", path.strip_prefix(site.proxy.prefix.as_str())?);
    (is_plain && !is_static && page != site.health.path).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::fixture::{SHOP, Stand};

    #[test]
    fn pages_are_those_that_the_suite_asked_for_and_got() {
        let stand = Stand::new(&[("shop", SHOP)]);
        let (site, addresses) = (stand.site(), stand.plan().handles.addresses);
        let suite = addresses.of_the_suite().remove(0);
        let line = |from: &str, request: &str, status: u16| {
            format!(r#"{from} - - [29/Nov/2026:20:00:00 +0000] "{request}" {status} 12 "-" "x""#)
        };
        let of_suite = |request: &str, status| line(&suite, request, status);
        let mut log = vec![
            of_suite("GET /list HTTP/1.1", 200),
            of_suite("GET / HTTP/1.1", 302),
            of_suite("GET / HTTP/1.1", 200),
            of_suite("GET /gone HTTP/1.1", 404),
            of_suite("POST /write HTTP/1.1", 200),
            of_suite("GET /search?token=abc HTTP/1.1", 200),
            of_suite(&format!("GET {} HTTP/1.1", site.health.path), 200),
            line("203.0.113.7", "GET /other HTTP/1.1", 200),
            "something else".to_owned(),
        ];
        assert_eq!(asked_pages(site, &addresses, &log), ["/", "/list"]);
        log.extend((0..9).map(|number| of_suite(&format!("GET /{number} HTTP/1.1"), 200)));
        assert_eq!(asked_pages(site, &addresses, &log), ["/", "/list", "/0", "/1"]);
    }
}
