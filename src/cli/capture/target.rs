//! Which sites are captured, each from which hosts, as the command line says it.

use std::path::PathBuf;

use crate::capture::Way;
use crate::failure::Failure;
use crate::site::SiteName;

/// A site that is to be described, and its hosts: that of the app first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) site: SiteName,
    pub(super) ways: Vec<Way>,
}

/// The sites of `SITE HOST...`, or of `SITE=HOST` for each.
///
/// # Errors
/// Usage: a word is neither, or a site has no host.
pub(super) fn read_targets(words: &[String], files: &[PathBuf]) -> Result<Vec<Target>, Failure> {
    let Some((first, rest)) = words.split_first() else {
        return Err(Failure::usage("which site is it?").hint("stagectl capture SITE [USER@]HOST"));
    };
    if split_pair(first).is_some() {
        return read_pairs(words, files);
    }
    let site: SiteName = first.parse().map_err(|error| {
        Failure::usage(format!("`{first}` is no name of a site: {error}"))
            .hint("stagectl capture SITE [USER@]HOST, or SITE=[USER@]HOST for each of several")
    })?;
    if let Some(odd) = rest.iter().find(|word| split_pair(word).is_some()) {
        return Err(Failure::usage(format!("`{odd}` is of several sites, and {site} has no `=`"))
            .hint(format!("write each as SITE=HOST: `stagectl capture {site}=HOST {odd}`")));
    }
    let mut ways = rest.iter().map(|word| read_way(word)).collect::<Result<Vec<Way>, Failure>>()?;
    ways.extend(files.iter().cloned().map(Way::File));
    if ways.is_empty() {
        return Err(Failure::usage("there is no host to read").hint(format!(
            "name it: `stagectl capture {site} [USER@]HOST`, docker://CONTAINER, rootfs://ARCHIVE, or local"
        )));
    }
    Ok(vec![Target { site, ways }])
}

fn read_pairs(words: &[String], files: &[PathBuf]) -> Result<Vec<Target>, Failure> {
    if !files.is_empty() {
        return Err(Failure::usage("of which site is the answer in `--from-file`?")
            .hint("write it as a host: SITE=file://answer.txt"));
    }
    let mut targets: Vec<Target> = Vec::new();
    for word in words {
        let (site, host) = split_pair(word).ok_or_else(|| {
            Failure::usage(format!("of which site is `{word}`?")).hint(format!(
                "write each as SITE=HOST: `{}={word}`",
                targets.last().map_or("SITE", |last| last.site.as_str())
            ))
        })?;
        let way = read_way(host)?;
        match targets.iter_mut().find(|target| target.site == site) {
            Some(target) => target.ways.push(way),
            None => targets.push(Target { site, ways: vec![way] }),
        }
    }
    Ok(targets)
}

/// `SITE=HOST`
fn split_pair(word: &str) -> Option<(SiteName, &str)> {
    let (site, host) = word.split_once('=')?;
    Some((site.parse().ok()?, host))
}

fn read_way(word: &str) -> Result<Way, Failure> {
    word.parse().map_err(|error| Failure::usage(format!("`{word}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let show = |target: &Target| {
            let ways: Vec<String> = target.ways.iter().map(ToString::to_string).collect();
            format!("{} {}", target.site, ways.join(" "))
        };
        read_targets(&words, &[])
            .map(|targets| targets.iter().map(show).collect())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn one_site_has_its_hosts_behind_it_and_several_have_each_its_own() {
        assert_eq!(said(&["a", "app@h1", "p1:22"]).unwrap(), ["a app@h1 p1:22"]);
        assert_eq!(
            said(&["a=app@h1", "b=rootfs://x=y.tar", "a=admin@p1"]).unwrap(),
            ["a app@h1 admin@p1", "b rootfs://x=y.tar"]
        );
        for (words, message) in [
            (&[][..], "which site is it?"),
            (&["a"], "there is no host to read"),
            (&["a=h1", "h2"], "of which site is `h2`?"),
            (&["a", "b=h2"], "`b=h2` is of several sites, and a has no `=`"),
            (&["a=h 1"], "`h 1`: a host is"),
            (&["A b", "h"], "`A b` is no name of a site"),
        ] {
            let error = said(words).unwrap_err();
            assert!(error.starts_with(message), "{words:?}: {error}");
        }
    }
}
