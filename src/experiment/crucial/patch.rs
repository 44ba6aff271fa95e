//! What was found, as a patch to the site's description: variables that the app cannot do without, and keys that its
//! suite does not notice.

use similar::TextDiff;

use super::answer::{Crucial, KilledBy, Mutant, Outcome};
use super::mutants::Declared;

/// Lines around a change.
const CONTEXT: usize = 3;

impl Crucial {
    /// What the description may say of itself from now on: what it says so far, and what was found.
    #[must_use]
    pub fn offered(&self, declared: &Declared) -> Declared {
        let blind = self.blind_spots().map(|one| one.key.clone()).collect();
        Declared {
            required: with(&declared.required, self.required()),
            uncovered: with(&declared.uncovered, blind),
        }
    }

    /// The variables without which the site did not come up, or its tests were red.
    fn required(&self) -> Vec<String> {
        let is_needed = |mutant: &&Mutant| {
            mutant.outcome == Outcome::Killed
                && matches!(mutant.killed_by, Some(KilledBy::Deploy | KilledBy::Suite))
        };
        let of = |mutant: &Mutant| {
            let variable = mutant.traits.first()?.strip_prefix("env.")?;
            let is_absent = mutant.settings.first()?.ends_with("=null");
            is_absent.then(|| variable.to_owned())
        };
        self.mutants.iter().filter(is_needed).filter_map(of).collect()
    }
}

/// A list that has more; as it is where it has all of them.
fn with(declared: &[String], more: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = declared.iter().cloned().chain(more).collect();
    all.sort();
    all.dedup();
    if all.len() == declared.len() { declared.to_vec() } else { all }
}

/// A unified diff that has a description say what is offered, where it does not say so yet. `None` where it says all of
/// it, or says it on several lines: that is for a person.
#[must_use]
pub fn patch(file: &str, text: &str, declared: &Declared, offered: &Declared) -> Option<String> {
    let mut new = text.to_owned();
    for (key, declared, offered) in [
        ("required", &declared.required, &offered.required),
        ("uncovered", &declared.uncovered, &offered.uncovered),
    ] {
        if declared != offered {
            new = replaced(&new, key, offered).unwrap_or(new);
        }
    }
    if new == text {
        return None;
    }
    let diff = TextDiff::from_lines(text, &new);
    let (old, new) = (format!("a/{file}"), format!("b/{file}"));
    Some(diff.unified_diff().context_radius(CONTEXT).header(&old, &new).to_string())
}

/// A description with another list at one of its first keys; `None` where that has several lines.
fn replaced(text: &str, key: &str, list: &[String]) -> Option<String> {
    let line = format!("{key}: [{}]", list.join(", "));
    let mut lines: Vec<&str> = text.lines().collect();
    match lines.iter().position(|line| line.starts_with(&format!("{key}:"))) {
        Some(place) if lines[place].trim_end().ends_with(']') => lines[place] = &line,
        Some(_) => return None,
        None => lines.push(&line),
    }
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::{Declared, patch, with};

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|&name| name.to_owned()).collect()
    }

    fn declared(required: &[&str], uncovered: &[&str]) -> Declared {
        Declared { required: names(required), uncovered: names(uncovered) }
    }

    #[test]
    fn a_description_gets_lines_or_others_in_their_place() {
        let text = "summary: a shop\nenv:\n  A: x\n  B: y\n";
        let offered = declared(&["A", "B"], &["env.A"]);
        insta::assert_snapshot!(patch("environments/one.yaml", text, &declared(&[], &[]), &offered).unwrap(), @r"
        --- a/environments/one.yaml
        +++ b/environments/one.yaml
        @@ -2,3 +2,5 @@
         env:
           A: x
           B: y
        +required: [A, B]
        +uncovered: [env.A]
        ");
        let text = "names: [one.example]\nrequired: [A]\nenv: {A: x, B: y}\n";
        let offered = declared(&["A", "B"], &[]);
        insta::assert_snapshot!(patch("environments/one.yaml", text, &declared(&["A"], &[]), &offered).unwrap(), @r"
        --- a/environments/one.yaml
        +++ b/environments/one.yaml
        @@ -1,3 +1,3 @@
         names: [one.example]
        -required: [A]
        +required: [A, B]
         env: {A: x, B: y}
        ");
    }

    #[test]
    fn where_all_is_said_or_stands_on_several_lines_there_is_none() {
        let text = "names: [one.example]\nrequired: [A]\n";
        assert_eq!(patch("one.yaml", text, &declared(&["A"], &[]), &declared(&["A"], &[])), None);
        let text = "required:\n- A\n";
        assert_eq!(
            patch("one.yaml", text, &declared(&["A"], &[]), &declared(&["A", "B"], &[])),
            None
        );
    }

    #[test]
    fn a_list_that_has_all_keeps_its_order() {
        assert_eq!(with(&names(&["B", "A"]), names(&["A"])), ["B", "A"]);
        assert_eq!(with(&names(&["B", "A"]), names(&["C"])), ["A", "B", "C"]);
    }
}
