//! Proof that each rule of the picture can fail, on sources of a line or two.

use super::*;

fn imports(file: &str, text: &str) -> Vec<String> {
    check_imports(Path::new(file), text).iter().map(ToString::to_string).collect()
}

fn shape(file: &str, text: &str) -> Vec<String> {
    check_shape(Path::new(file), text).iter().map(ToString::to_string).collect()
}

#[test]
fn an_import_upward() {
    assert_eq!(
        imports("src/docker/network.rs", "use crate::event::Event;\nuse crate::provision::Step;\n"),
        ["src/docker/network.rs:2: `docker` imports `provision`: no such edge in the picture"]
    );
}

#[test]
fn an_import_sideways_among_others_in_braces() {
    assert_eq!(
        imports("src/suite.rs", "use crate::{\n  event::{Event, What},\n  provision::Step,\n};"),
        ["src/suite.rs:3: `suite` imports `provision`: no such edge in the picture"]
    );
}

#[test]
fn an_import_by_way_of_super() {
    assert_eq!(
        imports("src/site/model.rs", "fn f() { super::super::event::now(); super::value(); }"),
        ["src/site/model.rs:1: `site` imports `event`: no such edge in the picture"]
    );
    assert_eq!(
        imports("src/digest.rs", "mod tests { use super::*; use super::super::site::X; }"),
        ["src/digest.rs:1: `digest` imports `site`: no such edge in the picture"]
    );
}

#[test]
fn a_path_within_a_macro_call() {
    assert_eq!(
        imports("src/tls/mod.rs", "fn f() { format!(\"{}\", crate::docker::version()); }"),
        ["src/tls/mod.rs:1: `tls` imports `docker`: no such edge in the picture"]
    );
}

#[test]
fn an_import_of_the_root() {
    let expected =
        "src/site/model.rs:1: `site` imports the crate's root: no such edge in the picture";
    for text in ["use crate::*;", "use crate as stage;", "use crate::{self as stage};"] {
        assert_eq!(imports("src/site/model.rs", text), [expected], "{text}");
    }
}

#[test]
fn a_reach_past_the_command_from_main() {
    let expected = "src/main.rs:1: `main` imports `docker`: no such edge in the picture";
    assert_eq!(imports("src/main.rs", "fn main() { stagectl::docker::connect(); }"), [expected]);
    let expected = "src/lib.rs:1: `main` imports `docker`: no such edge in the picture";
    assert_eq!(imports("src/lib.rs", "pub mod docker; pub use docker::Engine;"), [expected]);
}

#[test]
fn a_module_that_is_not_in_the_picture() {
    assert_eq!(
        imports("src/scheduler.rs", ""),
        ["src/scheduler.rs:1: the module `scheduler` is not in the picture"]
    );
    assert_eq!(
        imports("src/cli/up.rs", "use crate::scheduler::Queue;"),
        ["src/cli/up.rs:1: `cli` imports `scheduler`: no such edge in the picture"]
    );
}

#[test]
fn a_crate_away_from_home() {
    for (name, home) in FENCES {
        assert_eq!(
            imports("src/report/json.rs", &format!("use std::fmt;\nfn f(a: {name}::A) {{}}")),
            [format!(
                "src/report/json.rs:2: `report` uses the crate `{name}`, whose home is {}",
                join_names(home)
            )]
        );
    }
}

#[test]
fn a_crate_in_an_attribute() {
    assert_eq!(
        imports("src/site/value.rs", "#[derive(clap::ValueEnum)]\nenum A {}"),
        ["src/site/value.rs:1: `site` uses the crate `clap`, whose home is `main` or `cli`"]
    );
}

#[test]
fn printing_outside_the_display() {
    for print in PRINTS {
        assert_eq!(
            imports("src/cli/check.rs", &format!("fn f() {{ {print}!(\"a\"); }}")),
            [format!("src/cli/check.rs:1: `cli` calls `{print}!`: only `display` prints")]
        );
    }
    assert_eq!(imports("src/display/mod.rs", "fn f() { println!(\"a\"); }"), [""; 0]);
}

#[test]
fn but_comments_and_texts_do_not_count() {
    let text = "/// See [`crate::cli`].\n// bollard, println!()\nconst A: &str = \"crate::cli\";";
    assert_eq!(imports("src/digest.rs", text), [""; 0]);
}

#[test]
fn a_name_that_says_nothing() {
    assert_eq!(
        shape("src/docker/util.rs", ""),
        ["src/docker/util.rs:1: `util` says nothing: name it for what it holds"]
    );
    assert_eq!(
        shape("tests/common/mod.rs", ""),
        ["tests/common/mod.rs:1: `common` says nothing: name it for what it holds"]
    );
}

#[test]
fn a_file_that_is_too_long() {
    assert_eq!(shape("src/digest.rs", &"\n".repeat(400)), [""; 0]);
    assert_eq!(
        shape("src/digest.rs", &"\n".repeat(401)),
        ["src/digest.rs:401: 401 lines: a file splits at 400"]
    );
}

#[test]
fn two_files_that_need_each_other() {
    let files = [
        ("src/a/mod.rs", "mod one;\nmod two;\npub use one::One;\n"),
        ("src/a/one.rs", "pub struct One;\nfn f() { super::two::two(); }\n"),
        // By the name under which the folder passes it on.
        ("src/a/two.rs", "use super::One;\npub fn two() -> One { One }\n"),
        // Not by tests, nor by one way alone.
        ("src/b.rs", "use crate::a::One;\n#[cfg(test)]\nmod tests { use crate::c::C; }\n"),
        ("src/c.rs", "pub struct C(crate::b::B);\n"),
    ];
    let files = files.map(|(file, text)| (PathBuf::from(file), text.to_owned()));
    assert_eq!(
        circles::circles(&files),
        [["src/a/one.rs -> src/a/two.rs: two", "src/a/two.rs -> src/a/one.rs: One"]]
    );
}

#[test]
fn a_command_that_imports_another() {
    let siblings = |text| circles::siblings(Path::new("src/cli/up.rs"), text).collect::<Vec<_>>();
    assert_eq!(siblings("use super::status::span;\nuse super::found;\n"), ["status", "found"]);
    assert_eq!(
        siblings("use crate::site::Site;\n#[cfg(test)]\nmod t { use super::x::y; }"),
        [""; 0]
    );
}
