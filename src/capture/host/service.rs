//! What the app's services say of themselves.

use super::super::answer::Answer;

/// A service, asked by the app's own URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The variable that holds the URL.
    pub variable: String,
    pub version: Option<String>,
    pub user: Option<String>,
    pub database: Option<String>,
    pub encoding: Option<String>,
    pub collation: Option<String>,
    pub ctype: Option<String>,
    pub owner: Option<String>,
    pub extensions: Vec<String>,
    pub roles: Vec<String>,
    /// Settings that differ from the package's, with their values.
    pub settings: Vec<(String, String)>,
    /// Why it could not be asked.
    pub unread: Option<String>,
}

pub(super) fn of(answer: &Answer) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for line in answer.parts("services").iter().flat_map(|part| &part.lines) {
        let mut words = line.splitn(3, ' ');
        let (Some(variable), Some(key), Some(value)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let at = all.iter().position(|one| one.variable == variable).unwrap_or_else(|| {
            all.push(Asked { variable: variable.to_owned(), ..Asked::default() });
            all.len() - 1
        });
        let (asked, value) = (&mut all[at], value.to_owned());
        match key {
            "version" => asked.version = Some(value),
            "user" => asked.user = Some(value),
            "database" => asked.database = Some(value),
            "encoding" => asked.encoding = Some(value),
            "collation" => asked.collation = Some(value),
            "ctype" => asked.ctype = Some(value),
            "owner" => asked.owner = Some(value),
            "unread" => asked.unread = Some(value),
            "extension" => push_new(&mut asked.extensions, value),
            "role" => push_new(&mut asked.roles, value),
            "setting" => {
                let (name, value) = value.split_once(' ').unwrap_or((&value, ""));
                if !asked.settings.iter().any(|(other, _)| other == name) {
                    asked.settings.push((name.to_owned(), value.to_owned()));
                }
            }
            _ => {}
        }
    }
    all
}

/// Several processes of one app ask the same.
fn push_new(list: &mut Vec<String>, value: String) {
    if !list.contains(&value) {
        list.push(value);
    }
}
