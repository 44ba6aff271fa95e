//! Two keys that are red together, and neither alone: `stagectl why` names them as two.

use crate::case::{Case, pack, read_defaults};
use crate::driver::Project;

use super::{SIDES, ask, put_beside, table, units};

/// Where its sites, its release and its suite are taken from.
const SHOP: &str = "extra-variable";

/// Two keys, in the order of their names, and a page that asks for both.
pub(super) struct Pair {
    pub(super) title: &'static str,
    keys: [&'static str; 2],
    /// The red site, and the green one; what is not here is one of the differences that every case has.
    sites: [&'static str; 2],
    /// The body of a function that makes the page.
    page: &'static str,
}

pub(super) const PAIRS: &[Pair] = &[THEMED, CACHED, POOLED, SUMMER_TIME];

const THEMED: Pair = Pair {
    title: "a page for each theme in each region, but for one",
    keys: ["env.SHOP_REGION", "env.SHOP_THEME"],
    sites: ["{}", "{}"],
    page: r#"
    pages = {("paper", "south"): "a", ("paper", "north"): "b", ("harbour", "south"): "c"}
    return pages[os.environ["SHOP_THEME"], os.environ["SHOP_REGION"]]
"#,
};

const CACHED: Pair = Pair {
    title: "a cache of 100 MiB in a small `/tmp`",
    keys: ["env.SHOP_CACHE_MIB", "host.tmp.size"],
    sites: [
        "{env: {SHOP_CACHE_MIB: \"100\"}, host: {tmp: {size: 64MiB}}}",
        "{env: {SHOP_CACHE_MIB: \"20\"}, host: {tmp: {size: 256MiB}}}",
    ],
    page: r#"
    with tempfile.TemporaryFile() as file:
        for _ in range(int(os.environ["SHOP_CACHE_MIB"])):
            file.write(bytes(1 << 20))
    return "cached"
"#,
};

const POOLED: Pair = Pair {
    title: "a pool of 400 where 256 files may be open",
    keys: ["env.SHOP_POOL", "host.open_files"],
    sites: [
        "{env: {SHOP_POOL: \"400\"}, host: {open_files: 256}}",
        "{env: {SHOP_POOL: \"100\"}, host: {open_files: 1024}}",
    ],
    page: r#"
    with contextlib.ExitStack() as pool:
        for _ in range(int(os.environ["SHOP_POOL"])):
            pool.enter_context(socket.socket())
    return "pooled"
"#,
};

/// The last Sunday of March begins: in Berlin it has no half past two.
const SUMMER_TIME: Pair = Pair {
    title: "an hour that a day of March does not have, in one time zone",
    keys: ["base.timezone", "host.clock"],
    sites: [
        "{base: {timezone: Europe/Berlin}, host: {clock: \"2030-03-31T00:10\"}}",
        "{base: {timezone: UTC}, host: {clock: \"2030-03-15T00:10\"}}",
    ],
    page: r#"
    closes = datetime.datetime.now().replace(hour=2, minute=30)
    shown = datetime.datetime.fromtimestamp(closes.timestamp())
    if shown.hour != 2:
        raise ValueError(f"the shop closes at {closes}, and shows {shown}")
    return "closes"
"#,
};

const APP: &str = r#"
import contextlib
import datetime
import os
import socket
import tempfile


def themed():
    PAGE

def application(environ, start_response):
    page = themed() if environ["PATH_INFO"] == "/themed" else "open"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [page.encode()]
"#;

const ASKS_FOR_THE_PAGE: &str = r#"
import os
import sys
import urllib.request

failure = ""
try:
    urllib.request.urlopen(os.environ["STAGECTL_URL"] + "themed", timeout=10).read()
except OSError as error:  # gunicorn says nothing where the app's own error is one of these
    failure = f'<failure message="the page: {type(error).__name__}"/>'
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuite name="shop"><testcase name="themed">{failure}</testcase></testsuite>')
sys.exit(1 if failure else 0)
"#;

fn name_both(test: &str, pair: &Pair) {
    let case = Case::read(SHOP);
    let project = Project::new(&format!("why-{test}"))
        .folder(&format!("tests/showstoppers/{SHOP}"), "")
        .defaults(&read_defaults(SHOP))
        .file("release/shop/wsgi.py", &APP.replace("    PAGE", pair.page.trim_start_matches('\n')))
        .file("critical/check.py", ASKS_FOR_THE_PAGE);
    let project =
        SIDES.iter().fold(project, |project, (site, side)| project.site(site, pair.sites[*side]));
    for (site, side) in SIDES {
        put_beside(&project.path(&format!("environments/{site}.yaml")), &[&case.differs], side);
    }
    let release = pack(&project, &case, ("release", "1.0"));
    project.rehearse(&release).exit_code(1);

    let said = ask(&project);
    let units = units(&said);
    let mut keys: Vec<&str> = units.iter().map(|unit| unit[0]["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, pair.keys, "{said:#}");
    let told = project.run(&["why", "red", "--at-once", "1"]).exit_code(0);
    let second = units[1][0]["key"].as_str().unwrap();
    assert!(told.stdout.contains(&format!("\n       and  {second}: ")), "{}", told.stdout);
    table::record(pair.title, &said, &pair.keys);
}

#[test]
fn a_theme_and_a_region() {
    name_both("themed", &THEMED);
}

#[test]
fn a_cache_and_the_size_of_tmp() {
    name_both("cached", &CACHED);
}

#[test]
fn a_pool_and_the_number_of_open_files() {
    name_both("pooled", &POOLED);
}

#[test]
fn a_time_zone_and_a_day() {
    name_both("summer-time", &SUMMER_TIME);
}
