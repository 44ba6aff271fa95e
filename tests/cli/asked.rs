//! Keys that the command line sets.

use crate::program::{SHOP, Stagectl};

const GREEN: &str = "env: {THEME: paper, PAGE: '8'}\n";
const RED: &str =
    "env: {THEME: night}\nwsgi: {server: gunicorn, workers: 4, application: 'shop.wsgi:app'}\n";

/// A project with a green and a red site; their keys beside those of the shop.
fn two_sites(green: &str, red: &str) -> Stagectl {
    let described = |more: &str| {
        let own: Vec<&str> = more.lines().map(|line| line.split(':').next().unwrap()).collect();
        let kept = SHOP.lines().filter(|line| !own.iter().any(|key| line.starts_with(key)));
        kept.fold(String::new(), |all, line| all + line + "\n") + more
    };
    Stagectl::new().wheel(">=3.9").site("green", &described(green)).site("red", &described(red))
}

#[test]
fn the_command_line_sets_a_key_and_a_wrong_one_is_a_problem_of_its_own() {
    let digest = |answer: String| answer.split_whitespace().nth(1).unwrap().to_owned();
    let plain = digest(two_sites(GREEN, RED).args(["check", "green"]).run().exit_code(0).out());
    let set = ["check", "green", "--set", "env.THEME=night", "--set", "env.PAGE=null"];
    let set = digest(two_sites(GREEN, RED).args(set).run().exit_code(0).out());
    let described = digest(
        two_sites("env: {THEME: night}\n", RED).args(["check", "green"]).run().exit_code(0).out(),
    );
    assert!(set == described && set != plain, "{set} {described} {plain}");
    let wrong = two_sites(GREEN, RED).args(["check", "green", "--set", "wsgi.worker=4"]).run();
    let error = wrong.exit_code(2).error();
    assert!(error.contains("error: --set: wsgi: unknown key `worker`"), "{error}");
    let none = two_sites(GREEN, RED).args(["check", "--set", "wsgi"]).run().exit_code(2).error();
    assert!(none.contains("write a key and its value: tls.certificate.key=ecdsa-p256"), "{none}");
}
