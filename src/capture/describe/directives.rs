//! Configurations of nginx and Apache as trees of directives.

/// A directive, with what is in its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    /// nginx's as it is written; Apache's in lowercase.
    pub(super) name: String,
    pub(super) words: Vec<String>,
    /// Absent where it has no block.
    pub(super) block: Option<Vec<Directive>>,
}

impl Directive {
    /// The first word.
    pub(super) fn first(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// What its block has of a name.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Directive> + use<'a> {
        let name = name.to_owned();
        self.block.iter().flatten().filter(move |one| one.name == name)
    }

    /// The first word of what its block has last of a name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(Directive::first)
    }

    /// It and all that is below it.
    pub(super) fn walk<'a>(&'a self, found: &mut Vec<&'a Directive>) {
        found.push(self);
        for one in self.block.iter().flatten() {
            one.walk(found);
        }
    }
}

/// How deep blocks may be.
const DEEPEST: usize = 32;

/// Reads a configuration of nginx; what is cut off ends with its end.
pub(super) fn of_nginx(lines: &[String]) -> Vec<Directive> {
    let mut tokens = tokens_of_nginx(&lines.join("\n")).into_iter();
    block_of_nginx(&mut tokens, 0)
}

/// A word, or `;`, `{`, `}`.
fn tokens_of_nginx(text: &str) -> Vec<(String, bool)> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            ';' | '{' | '}' => tokens.push((c.to_string(), false)),
            quote @ ('"' | '\'') => {
                let mut word = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => word.extend(chars.next()),
                        c if c == quote => break,
                        c => word.push(c),
                    }
                }
                tokens.push((word, true));
            }
            c => {
                let mut word = c.to_string();
                while let Some(c) = chars.next_if(|c| {
                    !c.is_whitespace() && !";{}".contains(*c) || word.ends_with('$') && *c == '{'
                }) {
                    word.push(c);
                    if word.ends_with("${") {
                        while let Some(c) = chars.next_if(|c| *c != '}') {
                            word.push(c);
                        }
                        word.extend(chars.next());
                    }
                }
                tokens.push((word, true));
            }
        }
    }
    tokens
}

fn block_of_nginx(tokens: &mut std::vec::IntoIter<(String, bool)>, depth: usize) -> Vec<Directive> {
    let mut directives = Vec::new();
    let mut words: Vec<String> = Vec::new();
    while let Some((token, is_word)) = tokens.next() {
        match (is_word, token.as_str()) {
            (true, _) => words.push(token),
            (false, "}") => break,
            (false, "{") => {
                let block =
                    if depth < DEEPEST { block_of_nginx(tokens, depth + 1) } else { Vec::new() };
                directives.extend(directive(std::mem::take(&mut words), Some(block)));
            }
            _ => directives.extend(directive(std::mem::take(&mut words), None)),
        }
    }
    directives
}

fn directive(mut words: Vec<String>, block: Option<Vec<Directive>>) -> Option<Directive> {
    if words.is_empty() {
        return None;
    }
    let name = words.remove(0);
    Some(Directive { name, words, block })
}

/// Reads a configuration of Apache.
pub(super) fn of_apache(lines: &[String]) -> Vec<Directive> {
    let mut whole = Vec::new();
    let mut goes_on = String::new();
    for line in lines {
        match line.strip_suffix('\\') {
            Some(start) => goes_on.push_str(&format!("{start} ")),
            None => whole.push(std::mem::take(&mut goes_on) + line),
        }
    }
    let mut open: Vec<Directive> = Vec::new();
    let mut done = Vec::new();
    for line in whole
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if line.starts_with("</") {
            if let Some(ended) = open.pop() {
                add(&mut open, &mut done, ended);
            }
        } else if let Some(section) = line.strip_prefix('<').and_then(|line| line.strip_suffix('>'))
        {
            let mut words = super::super::host::words(section);
            let name =
                if words.is_empty() { String::new() } else { words.remove(0).to_lowercase() };
            if open.len() < DEEPEST {
                open.push(Directive { name, words, block: Some(Vec::new()) });
            }
        } else {
            let mut words = super::super::host::words(line);
            if !words.is_empty() {
                let name = words.remove(0).to_lowercase();
                add(&mut open, &mut done, Directive { name, words, block: None });
            }
        }
    }
    while let Some(ended) = open.pop() {
        add(&mut open, &mut done, ended);
    }
    done
}

fn add(open: &mut [Directive], done: &mut Vec<Directive>, one: Directive) {
    match open.last_mut() {
        Some(holder) => holder.block.get_or_insert_default().push(one),
        None => done.push(one),
    }
}

/// A word without its `${name}`.
fn without_variables(word: &str) -> String {
    let mut parts = word.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<String>()
}

/// nginx's text of a directive.
pub(super) fn nginx_text(one: &Directive, depth: usize, into: &mut String) {
    let indent = "    ".repeat(depth);
    let words = one.words.iter().map(|word| {
        let is_plain = !word.is_empty()
            && !word.contains(|c: char| c.is_whitespace() || ";\"'#".contains(c))
            && !without_variables(word).contains(['{', '}']);
        if is_plain {
            word.clone()
        } else {
            format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
        }
    });
    let line = std::iter::once(one.name.clone()).chain(words).collect::<Vec<_>>().join(" ");
    match &one.block {
        None => into.push_str(&format!("{indent}{line};\n")),
        Some(block) => {
            into.push_str(&format!("{indent}{line} {{\n"));
            for inner in block {
                nginx_text(inner, depth + 1, into);
            }
            into.push_str(&format!("{indent}}}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn nginx_reads_words_quotes_and_blocks() {
        let text = "upstream app { server unix:/run/a.sock fail_timeout=0; }\nserver {\n  listen 443 ssl; # x\n  add_header X \"a; b\" always;\n\
                    location ~ ^/(a|b)$ { return 301 https://${host}$request_uri; }\n}\n";
        let read = of_nginx(&lines(text));
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].value("listen"), Some("443"));
        let mut out = String::new();
        nginx_text(&read[1], 0, &mut out);
        insta::assert_snapshot!(out, @r#"
        server {
            listen 443 ssl;
            add_header X "a; b" always;
            location ~ ^/(a|b)$ {
                return 301 https://${host}$request_uri;
            }
        }
        "#);
    }

    #[test]
    fn apache_reads_sections_and_lines_that_go_on() {
        let text = "<VirtualHost *:443>\nServerName www.x.example\nWSGIDaemonProcess shop user=shop \\\n  threads=5\n<Directory /srv>\nRequire all granted\n\
                    </Directory>\n</VirtualHost>\n";
        let read = of_apache(&lines(text));
        assert_eq!(read[0].name, "virtualhost");
        assert_eq!(
            read[0].all("wsgidaemonprocess").next().unwrap().words,
            ["shop", "user=shop", "threads=5"]
        );
        assert_eq!(read[0].all("directory").next().unwrap().value("require"), Some("all"));
    }

    #[test]
    fn blocks_that_never_end_are_bounded() {
        let deep = "a {".repeat(5000);
        assert_eq!(of_nginx(&[deep]).len(), 1);
    }
}
