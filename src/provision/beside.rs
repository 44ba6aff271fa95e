//! Releases beside each other, each in a folder of its own, and the link to the one that runs: the commands.

use super::kept::KEPT;
use crate::replica::{paths, shell_quote};
use crate::site::Site;

/// What is known of a release that does not run, beside its folder.
const NOTES: [&str; 2] = ["installed.txt", "brought.txt"];

/// The command that makes room for a release of this name, to which the next switch leads.
pub(super) fn make_room(folder: &str, name: &str) -> String {
    let (folder, link) = (shell_quote(folder), shell_quote(&format!("releases/{name}")));
    format!("set -e; rm -rf {folder} {KEPT}; mkdir {KEPT}; ln -s {link} {KEPT}/current; ")
}

/// The command after which the bundles of roots of the one that came are known, too.
pub(super) fn know_bundles() -> String {
    let (all, came) = (paths::own("bundles.txt"), format!("{KEPT}/bundles.txt"));
    format!("set -e; touch {all} {came}; sort -u {all} {came} -o {all}; rm {came}; ")
}

/// The command that leads the link to the release that it does not lead to now, in one moment as `mv` does it, and
/// removes those that are too many.
pub(super) fn switch(site: &Site) -> String {
    let Some(releases) = site.releases else { return String::new() };
    let current = shell_quote(&site.link().display().to_string());
    let all = shell_quote(&site.releases_folder().display().to_string());
    let mut script = format!(
        "set -e; cp -P {current} {KEPT}/before; mv -T {KEPT}/current {current}; mv -T {KEPT}/before {KEPT}/current; "
    );
    for note in NOTES {
        let (place, kept, other) =
            (paths::own(note), format!("{KEPT}/{note}"), format!("{KEPT}/other"));
        script.push_str(&format!(
            "[ ! -e {place} ] || mv {place} {other}; [ ! -e {kept} ] || mv {kept} {place}; \
             [ ! -e {other} ] || mv {other} {kept}; "
        ));
    }
    // By the time of their change, as the time of a folder is that of its image.
    let keep = releases.keep;
    script
        + &format!(
            "(cd {all}; ls -1tc | grep -vxF \"$(basename \"$(readlink {current})\")\" | tail -n +{keep} | \
             while IFS= read -r old; do rm -rf -- \"$old\"; done); "
        )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;
    use crate::replica::fixture::{SHOP, Stand};
    use crate::site::Releases;

    /// A host with release 1.0, and the scripts that deploy others to it.
    struct Host {
        root: tempfile::TempDir,
        site: Site,
    }

    impl Host {
        fn new(keep: u16) -> Host {
            let root = tempfile::tempdir().unwrap();
            let site = Stand::new(&[("shop", SHOP)]).site().clone();
            let site = Site { releases: Some(Releases { keep }), ..site };
            let host = Host { root, site };
            for folder in ["opt/stagectl", "srv/shop/releases/1.0"] {
                fs::create_dir_all(host.path(folder)).unwrap();
            }
            fs::write(host.path("opt/stagectl/installed.txt"), "1.0\n").unwrap();
            std::os::unix::fs::symlink("releases/1.0", host.path("srv/shop/current")).unwrap();
            host
        }

        fn path(&self, path: &str) -> std::path::PathBuf {
            self.root.path().join(path)
        }

        fn run(&self, script: &str) {
            let root = self.root.path().display();
            let script = script
                .replace("/opt/stagectl", &format!("{root}/opt/stagectl"))
                .replace("/srv/shop", &format!("{root}/srv/shop"));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }

        fn bring(&self, name: &str) {
            let folder = self.site.folder_of(name).display().to_string();
            self.run(&make_room(&folder, name));
            fs::create_dir(self.path("srv/shop/releases").join(name)).unwrap();
            fs::write(self.path("opt/stagectl/kept/installed.txt"), format!("{name}\n")).unwrap();
            self.run(&know_bundles());
        }

        /// The release that runs, what its note says, and all that are there.
        fn state(&self) -> (String, String, Vec<String>) {
            let current = fs::read_link(self.path("srv/shop/current")).unwrap();
            let note = fs::read_to_string(self.path("opt/stagectl/installed.txt")).unwrap();
            let entries = fs::read_dir(self.path("srv/shop/releases")).unwrap();
            let mut all: Vec<String> =
                entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
            all.sort_unstable();
            (current.display().to_string(), note.trim().to_owned(), all)
        }
    }

    fn state(runs: &str, all: &[&str]) -> (String, String, Vec<String>) {
        let all = all.iter().map(|name| (*name).to_owned()).collect();
        (format!("releases/{runs}"), runs.to_owned(), all)
    }

    #[test]
    fn the_link_leads_to_the_one_that_came_and_back() {
        let host = Host::new(5);
        host.bring("1.1");
        assert_eq!(host.state(), state("1.0", &["1.0", "1.1"]));
        host.run(&switch(&host.site));
        assert_eq!(host.state(), state("1.1", &["1.0", "1.1"]));
        host.run(&switch(&host.site));
        assert_eq!(host.state(), state("1.0", &["1.0", "1.1"]));
    }

    #[test]
    fn those_that_are_too_many_go_and_never_the_one_that_runs() {
        for (keep, expected) in
            [(1, &["1.3"][..]), (2, &["1.2", "1.3"]), (3, &["1.1", "1.2", "1.3"])]
        {
            let host = Host::new(keep);
            for name in ["1.1", "1.2", "1.3"] {
                host.bring(name);
                host.run(&switch(&host.site));
            }
            assert_eq!(host.state(), state("1.3", expected), "keep {keep}");
        }
    }
}
