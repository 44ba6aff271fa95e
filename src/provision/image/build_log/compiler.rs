//! A package that is built where there is nothing to build it with: what its build misses, and the Debian
//! packages that bring it.

/// What a build prints where something is missing, what that is, and what brings it. Those that name the
/// library come first: they need the compiler as well.
const SIGNS: [(&[&str], &str, &[&str]); 21] = [
    (&["pg_config executable not found", "pg_config is required"], "pg_config", &["libpq-dev"]),
    (
        &[
            "mysql_config not found",
            "mysql_config: not found",
            "Can not find valid pkg-config name",
        ],
        "mysql_config",
        &["default-libmysqlclient-dev", "pkg-config"],
    ),
    (
        &["libxml2 and libxslt development packages", "libxml/xmlversion.h: No such file"],
        "the headers of libxml2 and libxslt",
        &["libxml2-dev", "libxslt1-dev"],
    ),
    (
        &["lber.h: No such file", "ldap.h: No such file"],
        "the headers of OpenLDAP",
        &["libldap2-dev", "libsasl2-dev"],
    ),
    (
        &["sasl.h: No such file", "sasl/sasl.h: No such file"],
        "the headers of SASL",
        &["libsasl2-dev"],
    ),
    (&["ffi.h: No such file"], "the headers of libffi", &["libffi-dev"]),
    (
        &["openssl/ssl.h: No such file", "openssl/opensslv.h: No such file"],
        "the headers of OpenSSL",
        &["libssl-dev"],
    ),
    (
        &["or library files could not be found for jpeg", "jpeglib.h: No such file"],
        "the headers of libjpeg",
        &["libjpeg-dev", "zlib1g-dev"],
    ),
    (
        &["or library files could not be found for zlib", "zlib.h: No such file"],
        "the headers of zlib",
        &["zlib1g-dev"],
    ),
    (
        &[
            "Dependency \"cairo\" not found",
            "Dependency 'cairo' is required",
            "cairo.h: No such file",
        ],
        "cairo",
        &["libcairo2-dev", "pkg-config"],
    ),
    (
        &["curl-config: not found", "'curl-config'"],
        "curl-config",
        &["libcurl4-openssl-dev", "libssl-dev"],
    ),
    (&["sqlite3.h: No such file"], "the headers of SQLite", &["libsqlite3-dev"]),
    (&["yaml.h: No such file"], "the headers of libyaml", &["libyaml-dev"]),
    (
        &["xmlsec1 is not installed or not in path", "Unable to invoke pkg-config"],
        "xmlsec1",
        &["libxmlsec1-dev", "pkg-config"],
    ),
    (&["Python.h: No such file"], "Python.h", &["python3-dev"]),
    (
        &[
            "'g++' failed: No such file",
            "'x86_64-linux-gnu-g++' failed: No such file",
            "unable to execute 'g++'",
            "cc1plus: No such file",
            "No CMAKE_CXX_COMPILER could be found",
            "'c++' failed: No such file",
        ],
        "a C++ compiler",
        &["g++"],
    ),
    (
        &[
            "gcc' failed: No such file",
            "unable to execute 'gcc'",
            "unable to execute 'x86_64-linux-gnu-gcc'",
            "'cc' failed: No such file",
            "'clang' failed: No such file",
            "gcc: not found",
            "gcc: command not found",
            "Unknown compiler(s)",
            "No CMAKE_C_COMPILER could be found",
            "no acceptable C compiler found",
            "linker `cc` not found",
        ],
        "a C compiler",
        &[],
    ),
    (
        &[
            "stdio.h: No such file",
            "stdlib.h: No such file",
            "limits.h: No such file",
            "cannot find crti.o",
            "cannot find Scrt1.o",
        ],
        "the headers of the C library",
        &[],
    ),
    (
        &[
            "can't find Rust compiler",
            "cargo, the Rust package manager, is not installed",
            "`cargo metadata` failed",
            "cargo: not found",
        ],
        "Rust",
        &["cargo", "rustc"],
    ),
    (&["npm was not found", "npm: not found", "npm: command not found", "'npm'"], "npm", &["npm"]),
    (&["make: not found", "make: command not found", "'make': No such file"], "make", &["make"]),
];

/// What is linked to has to stay when the build's packages are gone.
const LIBRARIES: [(&str, &str); 7] = [
    ("libpq-dev", "libpq5"),
    ("default-libmysqlclient-dev", "libmariadb3"),
    ("libxslt1-dev", "libxslt1.1"),
    ("libcairo2-dev", "libcairo2"),
    ("libyaml-dev", "libyaml-0-2"),
    ("libcurl4-openssl-dev", "libcurl4"),
    ("libxmlsec1-dev", "libxmlsec1-openssl"),
];

/// What was missed first, and the way out.
pub(super) fn missed(lines: &[String]) -> Option<(String, String)> {
    let says =
        |texts: &[&str]| lines.iter().any(|line| texts.iter().any(|text| line.contains(text)));
    let (_, what, own) = SIGNS.iter().find(|(texts, ..)| says(texts))?;
    let mut packages: Vec<&str> = match *what {
        "npm" => Vec::new(),
        "Rust" | "make" => vec!["gcc", "libc6-dev"],
        _ => vec!["gcc", "libc6-dev", "python3-dev"],
    };
    packages.extend(own.iter().filter(|name| **name != "python3-dev"));
    packages.sort_unstable();
    let stay: Vec<&str> = LIBRARIES
        .iter()
        .filter(|(header, _)| own.contains(header))
        .map(|(_, library)| *library)
        .collect();
    let mut hint = format!(
        "give the build what it misses: `install: {{build_packages: [{}]}}`",
        packages.join(", ")
    );
    if !stay.is_empty() {
        hint.push_str(&format!(", and `base: {{packages: [{}]}}` for what stays", stay.join(", ")));
    }
    Some((format!("the build misses {what}"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> String {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        missed(&lines).map_or_else(String::new, |(_, hint)| hint)
    }

    #[test]
    fn what_is_missed_names_the_packages_that_bring_it() {
        let table = [
            (
                "error: command 'gcc' failed: No such file or directory",
                "what it misses: `install: {build_packages: [gcc, libc6-dev, python3-dev]}`",
            ),
            (
                "Error: pg_config executable not found.\nerror: command 'gcc' failed: No such file or directory",
                "what it misses: `install: {build_packages: [gcc, libc6-dev, libpq-dev, python3-dev]}`, and `base: {packages: [libpq5]}` for what stays",
            ),
            (
                "src/a.c:1:10: fatal error: Python.h: No such file or directory",
                "what it misses: `install: {build_packages: [gcc, libc6-dev, python3-dev]}`",
            ),
            (
                "error: can't find Rust compiler",
                "what it misses: `install: {build_packages: [cargo, gcc, libc6-dev, rustc]}`",
            ),
        ];
        for (text, expected) in table {
            let hint = hint(text);
            assert!(hint.ends_with(expected), "{hint}");
        }
        let npm = hint("RuntimeError: npm was not found, but is required to build the frontend");
        assert!(npm.ends_with("what it misses: `install: {build_packages: [npm]}`"), "{npm}");
        // The compiler was there, and refused.
        assert_eq!(hint("error: command 'gcc' failed with exit code 1"), "");
        assert_eq!(hint("x.c:3: error: expected ';'"), "");
    }
}
