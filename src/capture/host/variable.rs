//! Variables of a process, as far as their values may leave the host.

/// What may be shown of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Value(String),
    /// A URL, without who logs in there and what is asked.
    Url {
        url: String,
        /// What was taken out: `l`, a log-in, with `u` for a user and `p` for a password in it; `q`, a query.
        flags: String,
        /// A keyed fingerprint of the whole value.
        fingerprint: String,
    },
    /// Nothing but a keyed fingerprint.
    Fingerprint(String),
}

/// A variable of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub shown: Shown,
}

impl Variable {
    /// What drift compares: the value itself, or its fingerprint.
    #[must_use]
    pub fn mark(&self) -> String {
        match &self.shown {
            Shown::Value(value) => value.clone(),
            Shown::Url { fingerprint, .. } | Shown::Fingerprint(fingerprint) => {
                format!("fingerprint {fingerprint}")
            }
        }
    }

    /// What was taken out of its URL.
    #[must_use]
    pub fn flags(&self) -> &str {
        match &self.shown {
            Shown::Url { flags, .. } => flags,
            _ => "",
        }
    }

    /// The URL that it is, if it is one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match &self.shown {
            Shown::Url { url, .. } => Some(url),
            Shown::Value(value) if value.contains("://") => Some(value),
            _ => None,
        }
    }
}

/// Lines of `show_variables`.
pub(super) fn of(lines: &[String]) -> Vec<Variable> {
    let read = lines.iter().filter_map(|line| {
        let (name, rest) = line.split_once('=')?;
        let (kind, rest) = rest.split_once(':')?;
        let (text, hash) = match kind {
            "v" => (rest, ""),
            // The hash is behind a space, and `sha256sum` says `-` for its input.
            _ => rest.split_once(' ')?,
        };
        let hash =
            || hash.split(' ').next().unwrap_or_default().chars().take(16).collect::<String>();
        let shown = match kind {
            "v" => Shown::Value(text.to_owned()),
            "u" => {
                let (flags, url) = text.split_once(':')?;
                Shown::Url { url: url.to_owned(), flags: flags.to_owned(), fingerprint: hash() }
            }
            "f" => Shown::Fingerprint(hash()),
            _ => return None,
        };
        Some(Variable { name: name.to_owned(), shown })
    });
    let mut variables: Vec<Variable> = Vec::new();
    for variable in read {
        // The last one holds, as with most who read an environment.
        variables.retain(|other| other.name != variable.name);
        variables.push(variable);
    }
    variables.sort_by(|one, two| one.name.cmp(&two.name));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_shown_is_told_from_what_may_not() {
        let lines = [
            "THEME=v:paper",
            "EMPTY=v:",
            "DATABASE_URL=u:lup:postgresql://db.internal/app 0123456789abcdef0123  -",
            "API=u::https://api.example/v1 00  -",
            "KEY=f: ffeeddccbbaa99887766554433221100  -",
        ]
        .map(str::to_owned);
        let variables = of(&lines);
        let shown = |name: &str| {
            variables.iter().find(|variable| variable.name == name).unwrap().shown.clone()
        };
        assert_eq!(shown("THEME"), Shown::Value("paper".to_owned()));
        assert_eq!(shown("EMPTY"), Shown::Value(String::new()));
        assert!(
            matches!(shown("DATABASE_URL"), Shown::Url { ref flags, ref fingerprint, .. } if flags == "lup" && fingerprint == "0123456789abcdef")
        );
        assert!(matches!(shown("API"), Shown::Url { ref flags, .. } if flags.is_empty()));
        assert_eq!(shown("KEY"), Shown::Fingerprint("ffeeddccbbaa9988".to_owned()));
    }
}
