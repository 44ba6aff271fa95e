//! Completions in a real shell, and the manual pages.

use crate::program::{SHOP, Stagectl};

/// What bash offers for a line, as it asks for it when the tab key is pressed.
fn offered(line: &str) -> String {
    let project = Stagectl::new()
        .site("site-a", SHOP)
        .site("site-b", SHOP)
        .site("broken", "nothing: of this")
        .file("environments/defaults.yaml", "")
        .file("elsewhere/environments/side.yaml", SHOP)
        .file("elsewhere/tests/critical/test_shop.py", "");
    let script = format!(
        "eval \"$(stagectl completions bash)\"
         COMP_WORDS=({line}) COMP_TYPE=9 COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
         function=$(complete -p stagectl | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
         $function stagectl \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
         echo \"${{COMPREPLY[*]}}\""
    );
    project.shell(&script).stderr("").exit_code(0).out().trim_end().to_owned()
}

#[test]
fn bash_completes_commands_and_the_sites_of_the_project_at_hand() {
    let table = [
        ("stagectl rehe", "rehearse"),
        ("stagectl up si", "site-a site-b"),
        ("stagectl up site-a si", "site-a site-b"),
        ("stagectl check br", "broken"),
        ("stagectl site new mill --like si", "site-a site-b"),
        ("stagectl -C elsewhere up si", "side"),
        ("stagectl up --project=elsewhere si", "side"),
        ("stagectl -C nowhere up si", ""),
        ("stagectl diff site-a si", "site-a site-b"),
        ("stagectl rehearse --fail", "--fail-fast"),
        ("stagectl -C elsewhere logs side w", "wsgi"),
        ("stagectl -C elsewhere shell side a", "app"),
        ("stagectl -C elsewhere exec side --role su", "suite"),
        ("stagectl -C elsewhere logs nobody a", ""),
    ];
    for (line, expected) in table {
        assert_eq!(offered(line), expected, "{line}");
    }
}

#[test]
fn each_shell_has_a_script_that_its_parser_takes() {
    let script =
        "for shell in bash zsh fish; do stagectl completions $shell > script.$shell || exit 1; done
        bash -n script.bash && grep -c STAGECTL_COMPLETE script.* | sed 's/:[1-9].*/ asks/'
        for shell in zsh fish; do
            if command -v $shell >/dev/null; then $shell -n script.$shell || echo $shell refuses; fi
        done";
    let expected = "script.bash asks\nscript.fish asks\nscript.zsh asks\n";
    Stagectl::new().shell(script).stderr("").stdout(expected).exit_code(0);
}

#[test]
fn every_command_has_a_manual_page() {
    let script = "stagectl man --dir pages/man1 && ls pages/man1 | tr '\\n' ' '; \
        grep -c . pages/man1/stagectl-rehearse.1 >/dev/null && stagectl man | head -3 | tail -1";
    let answer = Stagectl::new().shell(script).stderr("").exit_code(0);
    let out = answer.out();
    for page in ["stagectl.1", "stagectl-rehearse.1", "stagectl-site-new.1", "stagectl-doctor.1"] {
        assert!(out.contains(&format!("{page} ")), "{out}");
    }
    assert!(out.contains(".TH stagectl 1"), "{out}");
    Stagectl::new()
        .file("taken", "")
        .args(["man", "--dir", "taken"])
        .stderr("error: could not write manual pages to taken\n  caused by: File exists (os error 17)\n")
        .exit_code(75);
}
