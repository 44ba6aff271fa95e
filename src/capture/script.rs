//! The one script that reads a host: what is sent, and what an administrator can run by hand.

use std::path::Path;

/// The parts that read, in their order.
const READ: &str = concat!(
    include_str!("../../templates/capture/read/answer.sh"),
    include_str!("../../templates/capture/read/harmless.sh"),
    include_str!("../../templates/capture/read/cleaned.sh"),
    include_str!("../../templates/capture/read/shown.sh"),
    include_str!("../../templates/capture/read/words.sh"),
    include_str!("../../templates/capture/read/system.sh"),
    include_str!("../../templates/capture/read/units.sh"),
    include_str!("../../templates/capture/read/processes.sh"),
    include_str!("../../templates/capture/read/files.sh"),
    include_str!("../../templates/capture/read/python.sh"),
    include_str!("../../templates/capture/read/servers.sh"),
    include_str!("../../templates/capture/read/at-rest.sh"),
    include_str!("../../templates/capture/read/all.sh"),
);
/// What asks the app's services, for the app's own Python.
const ASK: &str = include_str!("../../templates/capture/ask.py");

/// How the script is said that the host is the one that it runs on.
const RUNNING: &str = "\nroot=\nowners=\n";

/// What is asked of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// The systemd unit of the app, where one is named.
    pub unit: Option<String>,
    /// The names of variables whose values may leave the host, beside those that are harmless.
    pub harmless: Vec<String>,
    /// What fingerprints of values that are kept back are made with.
    pub key: String,
}

/// The whole script, for the standard input of `sh -s`.
///
/// What is put into it are words of letters, digits and `._@-` alone: see [`is_word`].
#[must_use]
pub fn script(questions: &Questions) -> String {
    let word = |text: &str| if is_word(text) { text.to_owned() } else { String::new() };
    let harmless: Vec<String> = questions.harmless.iter().map(|name| word(name)).collect();
    format!(
        "key='{}'\nunit='{}'\nmore='{}'{RUNNING}{READ}\nquestions() {{ cat <<'STAGECTL_QUESTIONS'\n{ASK}STAGECTL_QUESTIONS\n}}\n\
         main </dev/null\n",
        word(&questions.key),
        questions.unit.as_deref().map(word).unwrap_or_default(),
        harmless.join(" "),
    )
}

/// The script for a host that does not run: its files stand below `root` in a folder of this machine, and whose they are in
/// `owners`.
#[must_use]
pub(super) fn at_rest(script: &str, folder: &Path) -> String {
    let quoted = |name: &str| {
        let path = folder.join(name).display().to_string();
        format!("'{}'", path.replace('\'', "'\\''"))
    };
    let head = format!("\nroot={}\nowners={}\n", quoted("root"), quoted("owners"));
    script.replacen(RUNNING, &head, 1)
}

/// Whether a word needs no quotes in a shell, and is no option.
#[must_use]
pub fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._@-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_plain_words_gets_into_the_script() {
        let questions = Questions {
            unit: Some("shop.service'; rm -rf /".to_owned()),
            harmless: vec!["SHOP_THEME".to_owned(), "$(id)".to_owned()],
            key: "0af3".to_owned(),
        };
        let text = script(&questions);
        let head: Vec<&str> = text.lines().take(5).collect();
        assert_eq!(head, ["key='0af3'", "unit=''", "more='SHOP_THEME '", "root=", "owners="]);
        assert!(text.ends_with("main </dev/null\n"), "{text}");
    }
}
