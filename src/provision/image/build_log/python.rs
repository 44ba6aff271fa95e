//! Requirements that the site's Python cannot have, out of what uv says when it finds no solution.

/// `django==5.2 needs Python >=3.10; the site has 3.9.2`, one a requirement, in uv's order.
///
/// uv says: "the current Python version (3.9.2) does not satisfy Python>=3.10 and django==5.2
/// depends on Python>=3.10", or "and all of: ... depend on Python>=3.10".
pub(super) fn unsupported(lines: &[String]) -> Vec<String> {
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    let text = words.join(" ");
    let mut found = Vec::new();
    for part in text.split(" Python version (").skip(1) {
        let Some((python, rest)) = part.split_once(") does not satisfy Python") else { continue };
        let Some((needed, rest)) = rest.split_once(" and ") else { continue };
        let Some((requirement, _)) =
            rest.split_once(" depends on Python").or_else(|| rest.split_once(" depend on Python"))
        else {
            continue;
        };
        let requirement = requirement.strip_prefix("all of: ").unwrap_or(requirement);
        let requirement = requirement.replace(' ', ", ");
        // A site whose Python was only asked for has that one and newer ones.
        let python = python.trim_start_matches(">=");
        found.push(format!("{requirement} needs Python {needed}; the site has {python}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requirement_is_named_with_what_it_needs() {
        let text = "error: No solution found when resolving dependencies
  cause: Because the current Python version (3.9.2) does not satisfy Python>=3.10 and all of:
             django>=5.0,<=5.0.4
             django>=5.0.6,<=5.2.19
         depend on Python>=3.10, we can conclude that all of:
             django>=5.0,<=5.0.4
          cannot be used.

         Because the current Python version (3.9.2) does not satisfy Python>=3.12 and django>=6.0a1 depends on Python>=3.12, we can conclude that django>=6.0a1 cannot be used.
         And because you require django>=5, we can conclude that your requirements are unsatisfiable.";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(
            unsupported(&lines),
            [
                "django>=5.0,<=5.0.4, django>=5.0.6,<=5.2.19 needs Python >=3.10; the site has 3.9.2",
                "django>=6.0a1 needs Python >=3.12; the site has 3.9.2",
            ]
        );
    }

    #[test]
    fn other_troubles_are_not_the_python_s() {
        let lines = ["error: No solution found", "cause: Because x was not found"];
        assert_eq!(unsupported(&lines.map(str::to_owned)), [""; 0]);
    }
}
