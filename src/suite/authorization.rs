//! A 401 under `mod_wsgi`, which keeps the `Authorization` header from the application unless it is configured
//! otherwise.

use crate::event::Test;
use crate::failure::Failure;
use crate::site::{Site, WsgiServer};

/// The failure, with a hint where a test that is not green speaks of a 401 that the server may have made.
#[must_use]
pub fn with_authorization(site: &Site, tests: &[Test], failure: Failure) -> Failure {
    // With a live configuration the key says nothing.
    let is_kept_back = site.wsgi.server == WsgiServer::ModWsgi
        && site.wsgi.pass_authorization != Some(true)
        && site.proxy.config.is_none();
    if is_kept_back && tests.iter().any(speaks_of_401) {
        return failure.hint(
            "Apache keeps the `Authorization` header from the app; if the live one has \
             `WSGIPassAuthorization On`, write `wsgi: {pass_authorization: true}`",
        );
    }
    failure
}

fn speaks_of_401(test: &Test) -> bool {
    let texts = [&test.message, &test.details, &test.captured];
    let mut words = texts
        .into_iter()
        .flatten()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
    words.any(|word| word == "401")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::TestStatus;
    use crate::failure::Kind;
    use crate::replica::fixture::Stand;

    /// The hints of a failure whose only test says this.
    fn hints(serving: &str, message: &str) -> usize {
        let text = format!(
            "base: {{debian: bookworm}}\ninstall: {{as_of: 2026-02-18}}\nnames: [a.example]\n\
             critical: {{path: ../critical}}\n{serving}, application: 'a.b:c'}}\n"
        );
        let stand = Stand::new(&[("site", &text)]);
        let test = Test {
            group: "orders".to_owned(),
            name: "mine".to_owned(),
            status: TestStatus::Failed,
            message: Some(message.to_owned()),
            ..Test::default()
        };
        let failure = Failure::new(Kind::Unfit, "1 of 1 tests failed");
        with_authorization(stand.site(), &[test], failure).hints.len()
    }

    #[test]
    fn the_hint_is_there_where_apache_may_have_kept_the_header_back() {
        let apache = "proxy: {server: apache}\nwsgi: {server: mod_wsgi";
        assert_eq!(hints(apache, "HTTP Error 401: Unauthorized"), 1);
        assert_eq!(hints(apache, "assert 4010 == 200"), 0);
        assert_eq!(hints(&format!("{apache}, pass_authorization: true"), "assert 401 == 200"), 0);
        assert_eq!(hints("wsgi: {server: gunicorn", "assert 401 == 200"), 0);
    }
}
