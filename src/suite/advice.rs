//! What is known of red tests whose cause lies beside the app: a header that Apache keeps back, a package that the suite
//! was not given.

use crate::event::Test;
use crate::failure::Failure;
use crate::site::{Site, WsgiServer};

/// The failure, with a hint for each cause that the tests which are not green speak of.
#[must_use]
pub fn with_advice(site: &Site, tests: &[Test], failure: Failure) -> Failure {
    with_packages(tests, with_authorization(site, tests, failure))
}

/// Tests that could not be collected for want of a module: it is one of the suite's, as the suite has an environment
/// of its own.
fn with_packages(tests: &[Test], failure: Failure) -> Failure {
    let missing = tests.iter().filter(|test| test.is_red()).find_map(|test| {
        let error = test.message.as_deref()?.strip_prefix("collection failure: ")?;
        error.strip_prefix("ModuleNotFoundError: No module named ")
    });
    match missing {
        Some(module) => failure.hint(format!(
            "the suite has an environment of its own, without {module}: write the package that has it to a file, and name \
             that in `critical.requirements`"
        )),
        None => failure,
    }
}

/// A 401 that `mod_wsgi` may have made, which keeps the `Authorization` header from the application unless it is
/// configured otherwise.
fn with_authorization(site: &Site, tests: &[Test], failure: Failure) -> Failure {
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
    fn hints(serving: &str, message: &str) -> Vec<String> {
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
        with_advice(stand.site(), &[test], failure).hints
    }

    #[test]
    fn the_hint_is_there_where_apache_may_have_kept_the_header_back() {
        let apache = "proxy: {server: apache}\nwsgi: {server: mod_wsgi";
        assert_eq!(hints(apache, "HTTP Error 401: Unauthorized").len(), 1);
        assert_eq!(hints(apache, "assert 4010 == 200").len(), 0);
        assert_eq!(
            hints(&format!("{apache}, pass_authorization: true"), "assert 401 == 200").len(),
            0
        );
        assert_eq!(hints("wsgi: {server: gunicorn", "assert 401 == 200").len(), 0);
    }
    #[test]
    fn a_package_that_the_suite_was_not_given_is_named_with_its_key() {
        let said = "collection failure: ModuleNotFoundError: No module named 'requests_html'";
        let hints_of = |message| hints("wsgi: {server: gunicorn", message);
        let hint = hints_of(said).concat();
        assert!(hint.contains("without 'requests_html'"), "{hint}");
        assert!(hint.contains("`critical.requirements`"), "{hint}");
        assert!(hints_of("collection failure: SyntaxError: invalid syntax").is_empty());
        assert!(hints_of("ModuleNotFoundError: No module named 'shop'").is_empty());
    }
}
