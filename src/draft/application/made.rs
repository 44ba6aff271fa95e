//! Applications that are objects of a class of the project's own, which are made with arguments.

use std::sync::LazyLock;

use regex::Regex;

use super::served::{Application, Made};
use crate::draft::sources::{Source, Sources};
use crate::python::{expression, without_comments, without_literals};

/// A class whose objects are WSGI applications.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) file: String,
}

/// The first of them in the sources of the app.
pub(super) fn class(sources: &Sources) -> Option<Class> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"def __call__\(\s*self,\s*env\w*\s*(?::\s*\w[\w.]*(?:\[[^\]]*\])?)?\s*,\s*start_response",
        )
    });
    static CLASS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^class (\w+)"));
    sources.of_app().find_map(|source| {
        let call = CALL.find(&source.text)?.start();
        let before = CLASS.captures_iter(&source.text[..call]).last()?;
        let name = before[1].to_owned();
        let is_one = name.ends_with("App") || name.ends_with("Application");
        let module = source.module.clone().filter(|_| is_one)?;
        Some(Class { module, name, file: source.display_path() })
    })
}

/// An object of the class that the sources make out of nothing but what a module has at its top, as a
/// command does it for a server of its own; and where.
pub(super) fn made(sources: &Sources, class: &Class) -> Option<(Application, String)> {
    let call = pattern(&format!(r"=[ \t]*({}\()", class.name));
    sources.of_app().find_map(|source| {
        let text = without_comments(&source.text);
        let found = call.captures_iter(&text).find_map(|found| {
            let begin = found.get(1)?.start();
            of_call(source, &text, expression(&text[begin..]), class)
        })?;
        Some((found, source.display_path()))
    })
}

/// The application that a call makes in this module, where each name in it is the module's own.
fn of_call(source: &Source, text: &str, call: &str, class: &Class) -> Option<Application> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?P<of>\.\s*)?\b(?P<name>[A-Za-z_]\w*)\b(?P<key>\s*=)?"));
    let module = source.module.clone()?;
    if !call.ends_with(')') {
        return None;
    }
    let code = without_literals(call);
    let mut names: Vec<String> = Vec::new();
    for word in WORD.captures_iter(&code) {
        let name = &word["name"];
        let key = word.name("key").is_some_and(|key| !code[key.end()..].starts_with('='));
        let is_part = word.name("of").is_some() || key;
        if is_part || ["True", "False", "None"].contains(&name) {
            continue;
        }
        if !names_at_the_top(text, name) {
            return None;
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    let is_plain = names.len() == 1 && call.strip_prefix(&*class.name)?.replace(' ', "") == "()";
    if is_plain {
        return Some(Application::Factory { module, name: class.name.clone() });
    }
    Some(Application::Made(Made {
        module,
        file: source.display_path(),
        names,
        call: call.to_owned(),
        class_module: class.module.clone(),
    }))
}

/// True for a name that a module defines, imports or assigns at its top.
fn names_at_the_top(text: &str, name: &str) -> bool {
    static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?m)^(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^)]*\)|[^\n(]*)")
    });
    let word = format!(r"\b{name}\b");
    let defined = pattern(&format!(r"(?m)^(?:async def|def|class)[ \t]+{word}|^{word}[ \t]*[:=]"));
    let word = pattern(&word);
    defined.is_match(text)
        || IMPORT.find_iter(text).any(|import| {
            let names = import.as_str().split_once("import").map_or("", |(_, names)| names);
            word.is_match(names)
        })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of names")
}
