//! What was found, as a patch to the site's description: variables that the app cannot do without.

use super::answer::{Crucial, KilledBy, Mutant, Outcome};

/// Lines around a change.
const CONTEXT: usize = 3;

impl Crucial {
    /// The variables without which the site did not come up, or its tests were red.
    #[must_use]
    pub fn required(&self) -> Vec<String> {
        let is_needed = |mutant: &&Mutant| {
            mutant.outcome == Outcome::Killed
                && matches!(mutant.killed_by, Some(KilledBy::Deploy | KilledBy::Suite))
        };
        let of = |mutant: &Mutant| {
            let variable = mutant.traits.first()?.strip_prefix("env.")?;
            let is_absent = mutant.settings.first()?.ends_with("=null");
            is_absent.then(|| variable.to_owned())
        };
        let mut names: Vec<String> = self.mutants.iter().filter(is_needed).filter_map(of).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A unified diff that has a description say which variables are required: those that it says so far, and more.
/// `None` where it says all of them, or says them on several lines: that is for a person.
#[must_use]
pub fn patch(file: &str, text: &str, said: &[String], required: &[String]) -> Option<String> {
    let mut all: Vec<&str> = said.iter().chain(required).map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() == said.len() {
        return None;
    }
    let new = format!("required: [{}]", all.join(", "));
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|line| line.starts_with("required:"));
    let (begin, old) = match place {
        Some(place) if lines[place].trim_end().ends_with(']') => (place, 1),
        Some(_) => return None,
        None => (lines.len(), 0),
    };
    let from = begin.saturating_sub(CONTEXT);
    let to = (begin + old + CONTEXT).min(lines.len());
    let count = to - from;
    let mut patch = format!(
        "--- a/{file}\n+++ b/{file}\n@@ -{},{count} +{},{} @@\n",
        from + 1,
        from + 1,
        count + 1 - old
    );
    for (number, line) in lines.iter().enumerate().take(to).skip(from) {
        let sign = if old == 1 && number == begin { '-' } else { ' ' };
        patch.push_str(&format!("{sign}{line}\n"));
        if sign == '-' {
            patch.push_str(&format!("+{new}\n"));
        }
    }
    if old == 0 {
        patch.push_str(&format!("+{new}\n"));
    }
    Some(patch)
}

#[cfg(test)]
mod tests {
    use super::patch;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_description_gets_a_line_or_another_one_in_its_place() {
        let text = "summary: a shop\nenv:\n  A: x\n  B: y\n";
        insta::assert_snapshot!(patch("environments/one.yaml", text, &[], &names(&["B", "A"])).unwrap(), @r"
        --- a/environments/one.yaml
        +++ b/environments/one.yaml
        @@ -2,3 +2,4 @@
         env:
           A: x
           B: y
        +required: [A, B]
        ");
        let text = "names: [one.example]\nrequired: [A]\nenv: {A: x, B: y}\n";
        insta::assert_snapshot!(patch("environments/one.yaml", text, &names(&["A"]), &names(&["B"])).unwrap(), @r"
        --- a/environments/one.yaml
        +++ b/environments/one.yaml
        @@ -1,3 +1,3 @@
         names: [one.example]
        -required: [A]
        +required: [A, B]
         env: {A: x, B: y}
        ");
        assert_eq!(patch("one.yaml", text, &names(&["A"]), &names(&["A"])), None);
        assert_eq!(patch("one.yaml", "required:\n- A\n", &names(&["A"]), &names(&["B"])), None);
    }
}
