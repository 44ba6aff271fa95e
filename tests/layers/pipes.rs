//! No script pipes into something that may leave before it has read everything: the writer then dies
//! of a signal, whenever it still had something to say, and `pipefail` makes that the script's end.

use std::iter::Peekable;
use std::str::Chars;

use super::*;

/// What reads to the end, whatever it is given: `sed` without `q`, and a loop without a way out.
const READ_ALL: &[&str] =
    &["cut", "expand", "gzip", "sed", "sha256sum", "sort", "tail", "tr", "while", "xargs"];
/// Clients that leave when nobody answers, and whose scripts ask again, or when they were ended, which is what the
/// writer waits for. Their scripts run without `pipefail`.
const MAY_LEAVE: &[(&str, &str)] = &[
    ("templates/service/mariadb-locks.sh", "{"),
    ("templates/service/postgres-locks.sh", "{"),
    ("templates/service/mariadb-ready.sh", "\"$client\" --no-defaults"),
    ("templates/service/postgres-ready.sh", "setpriv --reuid postgres"),
];

/// The folder of scripts that bound what they read: who writes too much is meant to die of it. They run without `pipefail` and `errexit`.
const BOUNDING: &str = "templates/capture/read";

#[test]
fn no_script_pipes_into_what_may_leave_early() {
    let scripts = scripts();
    assert!(scripts.len() > 30, "only {} scripts were found", scripts.len());
    let complaints: Vec<_> =
        scripts.iter().flat_map(|(file, text)| check_pipes(file, text)).collect();
    assert_none(&complaints);
    let bounding: Vec<_> = scripts.iter().filter(|(file, _)| file.starts_with(BOUNDING)).collect();
    assert!(!bounding.is_empty());
    for (file, text) in bounding {
        assert!(!text.contains("pipefail") && !text.contains("set -e"), "{}", file.display());
    }
    for (file, reader) in MAY_LEAVE {
        let (_, text) = scripts.iter().find(|(path, _)| path == Path::new(file)).unwrap();
        assert!(text.contains(&format!("| {reader}")) && !text.contains("pipefail"), "{file}");
    }
}

#[test]
fn a_reader_that_may_leave_is_found() {
    let found = |script: &str| -> Vec<usize> {
        check_pipes(Path::new("a.sh.j2"), script).iter().map(|complaint| complaint.line).collect()
    };
    let table: &[(&str, &[usize])] = &[
        ("tar -tf \"$file\" | grep -qxE '(\\./)?toc\\.dat'", &[1]),
        ("a\nb |\n  head -n 1", &[3]),
        ("found=\"$(ls | head -1)\"", &[1]),
        ("ls |& grep -m 1 x", &[1]),
        ("find . | sort | while read -r one; do break; done", &[1]),
        ("ls | sed -n '1{p;q}'", &[1]),
        ("ls | sed 3q", &[1]),
        ("ls | LC_ALL=C head -n 1", &[1]),
        ("(ls | awk '{print; exit}')", &[1]),
        ("ls | sort | tail -n 1 | cut -c 1 || true", &[]),
        ("ls | sed -n 's/quick|q/x/p'", &[]),
        ("echo 'a | head' \"b | head\" # c | head", &[]),
        ("case $1 in a | b) ls | head ;; esac", &[1]),
        ("cat <<'SQL'\nSELECT a || b | head;\nSQL\nls", &[]),
        ("echo {{ packages | map(\"quote\") }}{% for a in b | items %}", &[]),
        ("while read -r a; do case $a in x|y) ;; esac; done < list", &[]),
    ];
    for (script, lines) in table {
        assert_eq!(found(script), *lines, "{script}");
    }
}

fn check_pipes(file: &Path, text: &str) -> Vec<Complaint> {
    if file.starts_with(BOUNDING) {
        return Vec::new();
    }
    let is_template = file.extension().is_some_and(|extension| extension == "j2");
    let bare = if is_template { without_templates(text) } else { text.to_owned() };
    let mut pipes = Pipes { script: bare.chars().peekable(), line: 1, readers: Vec::new() };
    pipes.read_code(None);
    let leavers = pipes.readers.into_iter().filter(|(_, reader)| may_leave(file, reader));
    leavers
        .map(|(line, reader)| Complaint {
            file: file.to_owned(),
            line,
            text: format!("a pipe into `{reader}`, which may leave before it has read everything"),
        })
        .collect()
}

fn may_leave(file: &Path, reader: &str) -> bool {
    // Variables for the command stand in front of it.
    let mut words = reader.split_whitespace().skip_while(|word| word.contains('='));
    let word = words.next().unwrap_or_default();
    let is_known = MAY_LEAVE
        .iter()
        .any(|(script, command)| file == Path::new(script) && reader.starts_with(command));
    let leaves_by_itself = match word {
        // `q` as a command: after an address or in braces, with nothing of a word before it.
        "sed" => reader.split_whitespace().skip(1).any(|argument| {
            let script = argument.trim_matches(['\'', '"']);
            let script = script.trim_end_matches(['}', ';']);
            script.ends_with('q')
                && !script.contains('/')
                && !script[..script.len() - 1].ends_with(char::is_alphabetic)
        }),
        "while" => ["break", "exit", "return"].iter().any(|word| reader.contains(word)),
        _ => false,
    };
    !is_known && (leaves_by_itself || !READ_ALL.contains(&word))
}

/// The pipes of a script in the order in which they stand there.
struct Pipes<'a> {
    script: Peekable<Chars<'a>>,
    line: usize,
    /// What each pipe leads into, to its end, and the line where that begins.
    readers: Vec<(usize, String)>,
}

impl Pipes<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.script.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn until(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(next) = self.next() {
            if next == end {
                break;
            }
            text.push(next);
        }
        text
    }

    /// Code up to `end`, which closes what the caller opened.
    fn read_code(&mut self, end: Option<char>) {
        let first = self.readers.len();
        let mut open: Option<usize> = None;
        let mut before = '\n';
        let mut heredoc: Option<String> = None;
        while let Some(next) = self.next() {
            let mut piece = String::from(next);
            match next {
                _ if Some(next) == end => return,
                // The pattern of a `case`: what looked like pipes in it were none.
                ')' => {
                    let is_of_pattern = |(line, reader): &mut (usize, String)| {
                        *line == self.line && !reader.starts_with("while ")
                    };
                    while self.readers.len() > first && self.readers.pop_if(is_of_pattern).is_some()
                    {
                        open = None;
                    }
                }
                '\'' => piece.push_str(&format!("{}'", self.until('\''))),
                '"' => piece.push_str(&self.read_quoted()),
                '\\' => piece.extend(self.next()),
                '#' if before.is_whitespace() => {
                    self.until('\n');
                    "\n".clone_into(&mut piece);
                }
                '(' => self.read_code(Some(')')),
                '<' if self.script.peek() == Some(&'<') => {
                    self.next();
                    heredoc = self.heredoc_word();
                }
                '|' if matches!(self.script.peek(), Some('|')) => {
                    self.next();
                    open = None;
                }
                '|' => {
                    if self.script.peek() == Some(&'&') {
                        self.next();
                    }
                    while self
                        .script
                        .peek()
                        .is_some_and(|next| next.is_whitespace() || *next == '\\')
                    {
                        self.next();
                    }
                    open = Some(self.readers.len());
                    self.readers.push((self.line, String::new()));
                    before = ' ';
                    continue;
                }
                _ => {}
            }
            if (next == '\n' || piece == "\n")
                && let Some(word) = heredoc.take()
            {
                while self.script.peek().is_some() && self.until('\n').trim_start() != word {}
            }
            before = piece.chars().next_back().unwrap_or(' ');
            let Some(reader) = open else { continue };
            self.readers[reader].1.push_str(&piece);
            let so_far = &self.readers[reader].1;
            let is_loop = so_far.starts_with("while ");
            let is_over =
                if is_loop { so_far.trim_end().ends_with("done") } else { ";&\n".contains(next) };
            if is_over {
                let text = self.readers[reader].1.trim_end_matches([';', '&', '\n']).to_owned();
                self.readers[reader].1 = text;
                open = None;
            }
        }
    }

    /// The rest of a text in double quotes; commands in it are read as such.
    fn read_quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(next) = self.next() {
            text.push(next);
            match next {
                '"' => break,
                '\\' => text.extend(self.next()),
                '$' if self.script.peek() == Some(&'(') => {
                    self.next();
                    self.read_code(Some(')'));
                }
                _ => {}
            }
        }
        text
    }

    /// The word that ends a text after `<<`; none for `<<<` and `<<` of numbers.
    fn heredoc_word(&mut self) -> Option<String> {
        if self.script.peek() == Some(&'<') {
            self.next();
            return None;
        }
        while self.script.peek().is_some_and(|next| "-'\" ".contains(*next)) {
            self.next();
        }
        let mut word = String::new();
        while let Some(next) = self.script.peek().filter(|next| next.is_alphanumeric()) {
            word.push(*next);
            self.next();
        }
        if matches!(self.script.peek(), Some('\'' | '"')) {
            self.next();
        }
        (!word.is_empty()).then_some(word)
    }
}

/// The script as the shell gets it, near enough: what a template puts in is one word.
fn without_templates(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(start) =
        rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min()
    {
        let close = match &rest[start + 1..start + 2] {
            "{" => "}}",
            "%" => "%}",
            _ => "#}",
        };
        bare.push_str(&rest[..start]);
        let end = rest[start..].find(close).map_or(rest.len(), |end| start + end + 2);
        let lines = rest[start..end].matches('\n').count();
        bare.push_str(if close == "}}" { "X" } else { "" });
        bare.push_str(&"\n".repeat(lines));
        rest = &rest[end..];
    }
    bare + rest
}

/// Every shell script of the project, by name or by its first line.
fn scripts() -> Vec<(PathBuf, String)> {
    let folders = [".ci", "templates", "tests", "benches"];
    let files = folders.into_iter().flat_map(|folder| walkdir::WalkDir::new(at_home(folder)));
    let files = files.map(|entry| entry.expect("a folder of the project is readable").into_path());
    let texts = files.filter_map(|path| Some((std::fs::read_to_string(&path).ok()?, path)));
    let is_script = |path: &Path, text: &str| {
        let name = path.to_string_lossy();
        let first = text.lines().next().unwrap_or_default();
        name.ends_with(".sh")
            || name.ends_with(".sh.j2")
            || first.starts_with("#!") && first.ends_with("sh")
    };
    texts
        .filter(|(text, path)| is_script(path, text))
        .map(|(text, path)| {
            (path.strip_prefix(at_home("")).expect("it was found there").to_owned(), text)
        })
        .collect()
}
