//! Builds that ask git for the version, out of what their tools say where there is no `.git`.

/// setuptools-scm, hatch-vcs, pbr and dunamai.
const ASKED: [&str; 5] = [
    "setuptools-scm was unable to detect version",
    "setuptools_scm was unable to detect version",
    "Error getting the version from source `vcs`",
    "Versioning for this project requires either an sdist tarball, or access to an upstream git",
    "Unable to detect version control system",
];

/// The way out.
pub(super) const HINT: &str = "the version of this release comes from git, and `.git` is no part of \
    it: build a wheel first, `pip wheel --no-deps --wheel-dir dist .`, and give that with `--release`";

/// The lines that ask for it.
pub(super) fn wanted(lines: &[String]) -> impl Iterator<Item = String> {
    let asks = |line: &&String| ASKED.iter().any(|text| line.contains(text));
    lines.iter().filter(asks).map(|line| line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_the_tool_is_told() {
        let lines = [
            "Traceback (most recent call last):",
            "LookupError: setuptools-scm was unable to detect version for /stagectl-build/source.",
            "",
        ];
        let found: Vec<String> = wanted(&lines.map(str::to_owned)).collect();
        assert_eq!(found, [lines[1]]);
        assert_eq!(wanted(&["error: no version".to_owned()]).count(), 0);
    }
}
