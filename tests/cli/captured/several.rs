//! Several hosts of one app, captured in one go: what they share goes into the file that all sites read.

use super::{ANSWER, captured};

const CAPTURE: &str = "set -e; stagectl capture site-d=file://answer.txt site-e=file://other.txt --no-look > said.txt 2>&1; cat said.txt\n";
const READ: &str = "stagectl capture site-d=file://answer.txt site-e=file://other.txt --no-look";

/// The hosts of two sites, which differ in name, theme and workers.
fn two() -> crate::program::Stagectl {
    let other = ANSWER
        .replace("v:paper", "v:night")
        .replace("shop.example", "shop.elsewhere.example")
        .replace("|web1", "|web2")
        .replace("|3\n|--bind", "|5\n|--bind");
    captured().file("other.txt", other)
}

#[test]
fn what_sites_share_is_written_once_and_rehearses_as_it_was_read() {
    let script = format!(
        "rm environments/defaults.yaml; {CAPTURE} head -n 99 environments/*.yaml environments/defaults/*
         echo 'critical: {{path: ../tests/critical}}' >> environments/defaults.yaml
         stagectl drift site-d --from-file answer.txt --no-look; stagectl drift site-e --from-file other.txt --no-look"
    );
    let said = two().shell(&script).exit_code(0).out();
    let (shared, own) = said
        .split_once("==> environments/defaults.yaml <==")
        .unwrap()
        .1
        .split_once("==> environments/site-d.yaml <==")
        .unwrap();
    for line in [
        "  debian: bookworm ",
        "  SHOP_KEY: ",
        "  requirements: defaults/requirements.lock ",
        "    postgres: \"15\" ",
        "# TODO critical: ",
    ] {
        assert!(shared.contains(line) && !own.contains(line), "{line}\n{said}");
    }
    for line in [
        "names: [shop.example] ",
        "names: [shop.elsewhere.example] ",
        "  workers: 5 ",
        "  SHOP_THEME: night",
        "flask==3.1.0",
        "site-d  true: ",
        "site-e  true: ",
    ] {
        assert!(own.contains(line) && !shared.contains(line), "{line}\n{said}");
    }
    assert!(said.contains(" keys that site-d and site-e share\n"), "{said}");
    assert!(
        said.contains(
            "next: stagectl check site-d site-e, stagectl rehearse site-d site-e --release ..."
        ),
        "{said}"
    );
}

#[test]
fn what_all_sites_share_already_stays_as_it_is_written() {
    let defaults = "project: shop\nbase:\n  debian: trixie   # soon\ncritical: {path: ../tests/critical}   # ours\n";
    let script = format!(
        "{CAPTURE} stagectl check > checked.txt; cat environments/defaults.yaml environments/site-d.yaml"
    );
    let said = two().file("environments/defaults.yaml", defaults).shell(&script).exit_code(0).out();
    for line in [
        "added to environments/defaults.yaml, environments/defaults/{requirements.lock}: ",
        "  debian: trixie   # soon\n",
        "critical: {path: ../tests/critical}   # ours\n",
        "  debian: bookworm ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn what_all_sites_share_and_a_host_does_not_have_is_taken_back() {
    let defaults = "project: shop\nenv: {SHOP_DEBUG: \"yes\", SHOP_THEME: paper}\nbase: {locale: en_GB.UTF-8}\nwsgi: {threads: 4}\n\
                    processes: {beat: {run: beat}}\ncritical: {path: ../tests/critical}\n";
    let script = format!(
        "{CAPTURE} stagectl check > checked.txt; cat environments/site-e.yaml
         stagectl drift site-d --from-file answer.txt --no-look; stagectl drift site-e --from-file other.txt --no-look"
    );
    let said = two().file("environments/defaults.yaml", defaults).shell(&script).exit_code(0).out();
    for line in [
        "  SHOP_DEBUG: null ",
        "  beat: null ",
        "  threads: null ",
        "  locale: de_DE.UTF-8 ",
        "site-d  true: ",
        "site-e  true: ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

#[test]
fn a_file_that_is_no_description_is_said_and_one_of_remarks_is_filled() {
    for (text, code, words) in [
        ("env: {A: 1\n", 2, "environments/defaults.yaml is no description: nothing was written"),
        ("- a\n", 2, "environments/defaults.yaml is no description: nothing was written"),
        ("# ours\n", 0, "added to environments/defaults.yaml, "),
        ("", 0, "added to environments/defaults.yaml, "),
    ] {
        let project = two().file("environments/defaults.yaml", text);
        let said = project.shell(&format!("{READ} 2>&1; echo \"code $?\"")).exit_code(0).out();
        assert!(said.contains(words) && said.contains(&format!("code {code}")), "{text}: {said}");
    }
}

#[test]
fn other_sites_get_nothing_that_was_not_read_of_them() {
    let script = format!("{CAPTURE} cat environments/defaults.yaml; cat environments/site-e.yaml");
    let said = two().site("shop", crate::program::SHOP).shell(&script).exit_code(0).out();
    assert!(
        said.contains("nothing was put into environments/defaults.yaml: shop would have it, too"),
        "{said}"
    );
    assert!(
        said.contains("\nproject: shop\ncritical: {path: ../tests/critical}\n#")
            && said.contains("  requirements: site-e/requirements.lock "),
        "{said}"
    );
}

#[test]
fn where_one_host_cannot_be_read_nothing_is_written_of_any() {
    let script = "stagectl capture site-d=file://answer.txt site-e=file://nothing.txt --no-look 2>&1; echo \"code $?\"; ls environments";
    let said = two().shell(script).exit_code(0).out();
    assert!(
        said.contains("site-e: could not read nothing.txt")
            && said.ends_with("code 2\ndefaults.yaml\n"),
        "{said}"
    );
}
