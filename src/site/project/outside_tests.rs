//! What can be wrong with hosts beyond the site, and with the files of their stubs.

use std::fs;

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};
use crate::site::model::Outside;

fn project(outside: &str, stub: &str) -> TestProject {
    let project = TestProject::new();
    fs::create_dir_all(project.root.join("environments/stubs")).unwrap();
    let site =
        format!("{LEAST}services: {{cache: {{redis: '7', names: [cache.internal]}}}}\n{outside}");
    project.file("environments/stubs/pay.yaml", stub).site("shop", &site)
}

const GOOD: &str = "requests:\n  - path: /v1/*\n    answers: [{json: {id: 1}}]\n";

#[test]
fn a_stub_is_read_from_its_file_and_stands_for_its_content() {
    let outside = "outside: {api.pay.example: {stub: stubs/pay.yaml}}\n";
    let site = project(outside, GOOD).one();
    let [(host, Outside::Stub(stub))] = site.outside.iter().collect::<Vec<_>>()[..] else {
        panic!("{:?}", site.outside)
    };
    assert_eq!((host.as_str(), stub.requests.len()), ("api.pay.example", 1));
    let digest = |outside: &str, stub: &str| {
        let project = project(outside, stub);
        project.one().digest().unwrap()
    };
    assert_eq!(digest(outside, GOOD), digest(outside, GOOD));
    assert_ne!(digest(outside, GOOD), digest(outside, &GOOD.replace("id: 1", "id: 2")));
    assert_ne!(digest(outside, GOOD), digest("", GOOD));
}

#[test]
fn a_host_beyond_the_site_has_a_name_of_its_own_and_something_behind_it() {
    let outside = "outside:\n  shop.example: {stub: stubs/pay.yaml}\n  cache.internal: {stub: stubs/pay.yaml}\n  \
        Api.example: {stub: stubs/pay.yaml}\n  a.example: {}\n  b.example: alow\n  c.example: {stub: stubs/pey.yaml}\n  \
        d.example: {stubb: x}\n  default: allow\n";
    assert_snapshot!(project(outside, GOOD).problems(), @r#"
    error: environments/shop.yaml:7:3: outside."shop.example": `shop.example` leads to the site itself already
    hint: a host beyond the site has a name that nothing of the site has
    error: environments/shop.yaml:8:3: outside."cache.internal": `cache.internal` leads to services.cache already
    hint: a host beyond the site has a name that nothing of the site has
    error: environments/shop.yaml:9:3: outside."Api.example": `Api.example` is not a host name
    hint: write it in lowercase: api.example
    error: environments/shop.yaml:10:14: outside."a.example": it is not said what becomes of the host
    hint: write `allow`, or `{stub: stubs/pay.yaml}`
    error: environments/shop.yaml:11:14: outside."b.example": `alow` says nothing of a host
    hint: write `allow`, or `{stub: stubs/pay.yaml}`
    error: environments/shop.yaml:12:21: outside."c.example".stub: there is no file `environments/stubs/pey.yaml`
    hint: did you mean `pay.yaml`?
    error: environments/shop.yaml:13:15: outside."d.example": unknown key `stubb`
    hint: did you mean `stub`?
    error: environments/shop.yaml:14:3: outside.default: `default` is taken for the name of a host, and nothing here stands for all others
    hint: every name that is not listed is refused at once, and reported: list those that the app needs
    "#);
    let wildcard = "outside: {pay.shop.example: {stub: stubs/pay.yaml}}\n";
    let site = LEAST.replace("[shop.example]", "[shop.example, '*.shop.example']");
    assert_snapshot!(project("", GOOD).site("shop", &format!("{site}{wildcard}")).problems(), @r#"
    error: environments/shop.yaml:5:11: outside."pay.shop.example": `pay.shop.example` leads to the site itself, which has `*.shop.example` already
    hint: a host beyond the site has a name that nothing of the site has
    "#);
}

#[test]
fn a_host_that_is_allowed_is_a_name_beyond_the_site() {
    let outside = "outside: {a.example: allow, 192.0.2.7: allow, shop.example: allow, cache.internal: allow}\n";
    assert_snapshot!(project(outside, GOOD).problems(), @r#"
    error: environments/shop.yaml:6:29: outside."192.0.2.7": `192.0.2.7` is an address, and only names lead out
    hint: write the name that the app has for the host
    error: environments/shop.yaml:6:47: outside."shop.example": `shop.example` leads to the site itself already
    hint: a host beyond the site has a name that nothing of the site has
    error: environments/shop.yaml:6:68: outside."cache.internal": `cache.internal` leads to services.cache already
    hint: a host beyond the site has a name that nothing of the site has
    "#);
    let site = project("outside: {a.example: allow}\n", GOOD).one();
    assert_eq!(site.outside.into_values().collect::<Vec<_>>(), [Outside::Allow]);
}

#[test]
fn problems_of_a_stub_stand_in_its_own_file() {
    let outside = "outside: {api.pay.example: {stub: stubs/pay.yaml}}\n";
    let stub = "requests:\n  - {method: get, path: v1, answers: []}\n  \
        - {path: '/a?b=c', body: x, json: {}, answers: [{status: 700}]}\n  \
        - {path: /c, answers: [{error: rest}, {error: reset, status: 200}, {delay: 5}]}\n  \
        - {path: /d, headers: {'a b': c}, answers: [{status: 204, body: x}], anwsers: []}\n  - {path: /e}\n";
    assert_snapshot!(project(outside, stub).problems(), @r#"
    error: environments/stubs/pay.yaml:2:14: requests.0.method: `get` is not an HTTP method
    hint: write it in capitals, such as POST; leave it out for any
    error: environments/stubs/pay.yaml:2:25: requests.0.path: `v1` is not the path of a request
    hint: such as `/v1/charges`, or `/v1/*` for everything below
    error: environments/stubs/pay.yaml:2:38: requests.0.answers: a request has at least one answer
    hint: such as `answers: [{status: 200}]`
    error: environments/stubs/pay.yaml:3:5: requests.1: `body` and `json` are both there
    hint: there is one body: write it in one way
    error: environments/stubs/pay.yaml:3:12: requests.1.path: `/a?b=c` is not the path of a request
    hint: write what its query has as `query: {name: value}`
    error: environments/stubs/pay.yaml:3:60: requests.1.answers.0.status: 700 is not between 200 and 599
    error: environments/stubs/pay.yaml:4:34: requests.2.answers.0.error: `rest` is none of reset, close
    hint: did you mean `reset`?
    error: environments/stubs/pay.yaml:4:56: requests.2.answers.1.status: `error` leaves no `status` to answer
    hint: take one of them out
    error: environments/stubs/pay.yaml:4:78: requests.2.answers.2.delay: expected text, found the number 5
    hint: write it with its unit, such as 200ms
    error: environments/stubs/pay.yaml:5:26: requests.3.headers."a b": `a b` is not a header's name
    hint: such as `Content-Type`
    error: environments/stubs/pay.yaml:5:56: requests.3.answers.0.status: an answer of status 204 has no body
    hint: take out the body
    error: environments/stubs/pay.yaml:5:72: requests.3: unknown key `anwsers`
    hint: did you mean `answers`?
    error: environments/stubs/pay.yaml:6:5: requests.4: the key `answers` is missing
    hint: add `answers:`; the answers, in their order; the last one is given from then on
    "#);
    let twice =
        "requests:\n  - {path: /d, answers: [{}]}\n  - {path: /d, answers: [{status: 500}]}\n";
    assert_snapshot!(project(outside, twice).problems(), @r"
    error: environments/stubs/pay.yaml:3:5: requests.1: request 0 is the same, and always comes first
    hint: put its answers there, in order
    ");
    assert_snapshot!(project(outside, "").problems(), @r"
    error: environments/stubs/pay.yaml:1:1: the key `requests` is missing
    hint: add `requests:`; the requests that it knows
    ");
}
