//! Without Docker: the code that is worth a retry, what to do about it, and nothing made.

use crate::program::{SHOP, Stagectl};

const NO_DOCKER: &str = "error: could not reach Docker at unix:///nonexistent\n  \
    caused by: Socket not found: /nonexistent\n\
    hint: start Docker (`sudo systemctl start docker`), or correct DOCKER_HOST or the Docker context\n";

fn project() -> Stagectl {
    Stagectl::new()
        .site("shop", SHOP)
        .file("environments/defaults.yaml", "release: dist/shop-1.0-py3-none-any.whl\n")
        .wheel(">=3.9")
}

#[test]
fn what_needs_docker_says_so_and_makes_nothing() {
    for args in [["rehearse", "shop"], ["up", "shop"], ["test", "shop"], ["down", "shop"]] {
        project().args(args).stderr(NO_DOCKER).stdout("").exit_code(75).made_nothing();
    }
    for args in [["status"], ["gc"]] {
        project().args(args).stderr(NO_DOCKER).stdout("").exit_code(75).made_nothing();
    }
}

#[test]
fn an_address_that_is_none_is_told() {
    project()
        .variable("DOCKER_HOST", "gopher://docker.example")
        .args(["rehearse"])
        .stderr(
            "error: could not reach Docker at gopher://docker.example\n  \
             caused by: URI scheme is not supported: gopher://docker.example\n\
             hint: correct DOCKER_HOST or the Docker context: `docker context ls`\n",
        )
        .exit_code(75)
        .made_nothing();
}
