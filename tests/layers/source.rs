//! What a source file mentions: modules of this crate, names, macros. Read from its tokens, so that
//! comments and strings do not count and nothing has to compile.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Something a file mentions, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A top-level module of this crate, or an item of its root: what follows `crate::`.
    Import(String),
    /// The root itself: `crate::*`, `use crate as other`.
    Root,
    /// Any identifier.
    Name(String),
    /// A macro that is called.
    Macro(String),
}

/// The modules a file lies in, outermost first: `src/site/model.rs` is `[site, model]`, `src/lib.rs`
/// and `src/main.rs` are `[]`.
pub(crate) fn module_path(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file
        .with_extension("")
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

/// Everything a source text mentions, in order. `modules` are the crate's top-level modules.
///
/// # Panics
/// When the text is not made of Rust's tokens.
pub(crate) fn mentions(file: &Path, text: &str, modules: &[&str]) -> Vec<Mention> {
    let tokens: TokenStream =
        text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut reader = Reader { modules, found: Vec::new() };
    reader.read(tokens, &module_path(file));
    reader.found
}

struct Reader<'a> {
    modules: &'a [&'a str],
    found: Vec<Mention>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream, inside: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => self.read(group.stream(), inside),
                TokenTree::Ident(_) => {
                    if let Some((name, body)) = inline_module(&tokens[at..]) {
                        self.read(body, &[inside, &[name]].concat());
                        at += 3;
                        continue;
                    }
                    self.identifier(&tokens, at, inside);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    fn identifier(&mut self, tokens: &[TokenTree], at: usize, inside: &[String]) {
        let TokenTree::Ident(ident) = &tokens[at] else { return };
        let line = ident.span().start().line;
        let name = ident.to_string();
        let starts_path = !(at >= 2 && is_separator(&tokens[at - 2..]));
        if starts_path {
            match name.as_str() {
                "crate" | env!("CARGO_PKG_NAME") => self.path(tokens, at + 1, line, &[]),
                "super" => self.path(tokens, at + 1, line, parent(inside)),
                _ if inside.is_empty()
                    && self.modules.contains(&name.as_str())
                    && is_separator(&tokens[at + 1..]) =>
                {
                    self.push(line, What::Import(name.clone()));
                }
                _ => {}
            }
        }
        match tokens.get(at + 1) {
            Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => {
                self.push(line, What::Macro(name));
            }
            _ => self.push(line, What::Name(name)),
        }
    }

    /// Follows a path from behind its first word, which stands for the module `base`.
    fn path(&mut self, tokens: &[TokenTree], at: usize, line: usize, base: &[String]) {
        if !is_separator(&tokens[at..]) {
            let renamed = matches!(tokens.get(at), Some(TokenTree::Ident(word)) if word == "as");
            if base.is_empty() && renamed {
                self.push(line, What::Root);
            }
            return;
        }
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(word)) if word == "super" => {
                self.path(tokens, at + 3, line, parent(base));
            }
            _ if !base.is_empty() => {}
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in inner.split(|token| is_mark(token, ',')) {
                    self.branch(branch.first());
                }
            }
            first => self.branch(first),
        }
    }

    /// The first word behind the crate's root.
    fn branch(&mut self, first: Option<&TokenTree>) {
        let Some(first) = first else { return };
        let line = first.span().start().line;
        match first {
            TokenTree::Ident(word) if word != "self" => {
                self.push(line, What::Import(word.to_string()));
            }
            _ => self.push(line, What::Root),
        }
    }

    fn push(&mut self, line: usize, what: What) {
        self.found.push(Mention { line, what });
    }
}

fn parent(module: &[String]) -> &[String] {
    module.split_last().map_or(&[], |(_, outer)| outer)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

/// Whether the tokens begin with `::`.
fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second, ..] if is_mark(first, ':') && is_mark(second, ':'))
}

/// The name and the body of the `mod name { ... }` that the tokens begin with.
fn inline_module(tokens: &[TokenTree]) -> Option<(String, TokenStream)> {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body), ..]
            if word == "mod" =>
        {
            Some((name.to_string(), body.stream()))
        }
        _ => None,
    }
}
