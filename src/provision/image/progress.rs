//! How far a long step is, from the lines that apt, mmdebstrap and uv print.

/// What a line says of a build's progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::provision) enum News {
    /// Another step has begun.
    Step(String),
    /// How far the step is.
    Detail(String),
    /// A line for programs, which tells nothing new.
    Nothing,
}

/// apt's own count of an installation, of its machine-readable lines (`APT::Status-Fd`).
/// <https://salsa.debian.org/apt-team/apt/-/blob/main/README.progress-reporting>
#[derive(Debug, Default)]
pub(in crate::provision) struct Apt {
    /// Packages that are to be installed, as many as were downloaded.
    all: usize,
    unpacked: usize,
    set_up: usize,
}

impl Apt {
    /// `None` for a line that is not of this kind.
    pub(in crate::provision) fn take(&mut self, line: &str) -> Option<News> {
        let (kind, rest) = line.split_once(':')?;
        match kind {
            "dlstatus" => {
                // dlstatus:3:12.0000:Retrieving file 3 of 25 (2s remaining)
                let text = rest.splitn(3, ':').nth(2)?;
                let mut words = text.split_whitespace().filter_map(|word| word.parse().ok());
                let (Some(number), Some(all)) = (words.next(), words.next()) else {
                    return Some(News::Nothing);
                };
                *self = Apt { all, ..Apt::default() };
                let number: usize = number;
                Some(News::Detail(format!("downloading {number} of {all}")))
            }
            "pmstatus" => {
                // pmstatus:libc6:45.0000:Unpacking libc6 (amd64)
                let mut fields = rest.splitn(3, ':').skip(1);
                let (percent, text) = (fields.next()?, fields.next()?);
                let (what, count) = match text.split(' ').next()? {
                    "Unpacking" => ("unpacking", &mut self.unpacked),
                    "Configuring" => ("setting up", &mut self.set_up),
                    _ => return Some(News::Nothing),
                };
                *count += 1;
                let far = match (*count, self.all) {
                    (count, all) if count <= all => format!("{count} of {all}"),
                    _ => format!("{} %", percent.split('.').next().unwrap_or_default()),
                };
                Some(News::Detail(format!("{what} {far}")))
            }
            "pmerror" | "pmconffile" | "media-change" => Some(News::Nothing),
            _ => None,
        }
    }
}

/// What uv says while it installs: `Resolved 12 packages in 310ms`, `Downloading numpy (16.0MiB)`.
pub(in crate::provision) fn of_uv(line: &str) -> Option<News> {
    let (word, rest) = line.trim_start().split_once(' ')?;
    let packages = || rest.split_once(" package").map(|(count, _)| count.parse::<usize>());
    let text = match (word, packages()) {
        ("Resolved", Some(Ok(count))) => format!("downloading {}", packages_of(count)),
        ("Prepared", Some(Ok(count))) => format!("installing {}", packages_of(count)),
        ("Installed", Some(Ok(count))) => format!("installed {}", packages_of(count)),
        ("Downloading", _) if rest.ends_with(')') => format!("downloading {rest}"),
        ("Building", _) => format!("building {rest}"),
        _ => return None,
    };
    Some(News::Detail(text))
}

fn packages_of(count: usize) -> String {
    if count == 1 { "1 package".to_owned() } else { format!("{count} packages") }
}

/// The step that mmdebstrap begins: `I: extracting archives...`.
pub(in crate::provision) fn of_mmdebstrap(line: &str) -> Option<&str> {
    let text = line.strip_prefix("I: ")?.strip_suffix("...")?;
    let words =
        ["apt-get update", "downloading", "extracting", "installing", "creating", "cleaning"];
    words.iter().any(|word| text.contains(word)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_s_lines_are_counted_by_package() {
        let mut apt = Apt::default();
        let lines = "dlstatus:1:0.0000:Retrieving file 1 of 2\n\
            dlstatus:2:50.2000:Retrieving file 2 of 2 (1s remaining)\n\
            pmstatus:dpkg-exec:0.0000:Running dpkg\n\
            pmstatus:a:0.0000:Preparing a (amd64)\n\
            pmstatus:a:10.0000:Unpacking a (amd64)\n\
            pmstatus:libc6:amd64:45.0000:x\n\
            pmstatus:b:20.0000:Unpacking b (amd64)\n\
            pmstatus:a:50.0000:Configuring a (amd64)\n\
            pmstatus:b:70.5000:Configuring b (amd64)\n\
            pmstatus:c:90.5000:Configuring c (amd64)\n\
            Setting up a (1.0) ...";
        let told: Vec<String> = lines
            .lines()
            .map(|line| match apt.take(line) {
                Some(News::Detail(text) | News::Step(text)) => text,
                Some(News::Nothing) => "-".to_owned(),
                None => line.to_owned(),
            })
            .collect();
        assert_eq!(
            told,
            [
                "downloading 1 of 2",
                "downloading 2 of 2",
                "-",
                "-",
                "unpacking 1 of 2",
                "-",
                "unpacking 2 of 2",
                "setting up 1 of 2",
                "setting up 2 of 2",
                "setting up 90 %",
                "Setting up a (1.0) ..."
            ]
        );
    }

    #[test]
    fn what_uv_and_mmdebstrap_say_is_told() {
        let uv = |line| match of_uv(line) {
            Some(News::Detail(text)) => text,
            _ => String::new(),
        };
        assert_eq!(uv("Resolved 12 packages in 310ms"), "downloading 12 packages");
        assert_eq!(uv("   Downloading numpy (16.0MiB)"), "downloading numpy (16.0MiB)");
        assert_eq!(uv("Installed 1 package in 3ms"), "installed 1 package");
        assert_eq!(uv(" + flask==3.1.2"), "");
        assert_eq!(uv("Resolved the conflict"), "");
        assert_eq!(
            of_mmdebstrap("I: downloading packages with apt..."),
            Some("downloading packages with apt")
        );
        assert_eq!(of_mmdebstrap("I: automatically chosen mode: root"), None);
    }
}
