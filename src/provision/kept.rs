//! The other release of an upgrade, which is kept on the host.

use std::path::Path;

use crate::replica::{paths, shell_quote};

/// Where the other release is kept: what its folders hold, by number, and its notes.
pub(super) const KEPT: &str = paths::KEPT;
/// Where a release is that comes beside it: its folders, as they are called.
pub(super) const INCOMING: &str = paths::INCOMING;
/// What belongs to a release beside its folders.
pub(super) const NOTES: [&str; 3] = ["installed.txt", "brought.txt", "bundles.txt"];

/// Where it is noted that a release is the host's own, and no image's any more.
const SETTLED: &str = paths::SETTLED;

/// The command that makes a release the host's own before anything of it runs: a folder of an image cannot be renamed
/// on overlayfs, and takes long to remove. It is made anew, as fuse-overlayfs 1.10 shows what the image has in a folder
/// that was emptied. One with a mount in it stays as it is.
pub(super) fn settle(own: &[String]) -> String {
    let mut script = format!("set -e; {MOVE}until [ -e {} ]; do sleep 0.01; done; ", paths::READY);
    for folder in own {
        let folder = shell_quote(folder);
        script.push_str(&format!(
            "if [ -e {folder} ] && ! grep -qF \" \"{folder}/ /proc/mounts; then cp -a {folder} {SETTLED}.new; \
             rm -rf {folder}; move {SETTLED}.new {folder}; rmdir {SETTLED}.new; touch {SETTLED}; fi; "
        ));
    }
    script
}

/// The command that keeps a release, which stays in its place, and makes a folder for the one that comes.
///
/// Unless it is the host's own it is copied, as `mv` would do.
pub(super) fn keep(own: &[String]) -> String {
    let mut script = format!("set -e; rm -rf {KEPT}; mkdir {KEPT} {INCOMING}; ");
    for (number, folder) in own.iter().enumerate() {
        let folder = shell_quote(folder);
        script.push_str(&format!(
            "[ -e {SETTLED} ] || [ ! -e {folder} ] || cp -a {folder} {KEPT}/{number}; "
        ));
    }
    for note in NOTES {
        let path = paths::own(note);
        script.push_str(&format!("[ ! -e {path} ] || cp -p {path} {KEPT}/{note}; "));
    }
    script
}

/// The command that puts the one that came in the place of the one that is kept.
pub(super) fn take_in(own: &[String]) -> String {
    let mut script = format!("set -e; {MOVE}");
    for (number, place) in own.iter().enumerate() {
        let name = Path::new(place).file_name().unwrap_or_default().to_string_lossy();
        let (place, came) = (shell_quote(place), format!("{INCOMING}/{}", shell_quote(&name)));
        script.push_str(&format!(
            "if [ -e {SETTLED} ]; then move {place} {KEPT}/{number}; else rm -rf {place}; fi; move {came} {place}; "
        ));
    }
    script + &format!("rm -rf {INCOMING}; ")
}

/// What one folder holds goes to another, which ends as the first one was; neither is there where that was not.
///
/// A folder in its place stays the same one: fuse-overlayfs 1.10 shows what an image has in the place of one that was
/// renamed. Now and then it has no such file when a folder moves that a process has open: then it is copied.
const MOVE: &str = r#"
move() {
    if [ -e "$1" ]; then
        mkdir -p "$2"
        chown --reference="$1" "$2"
        chmod --reference="$1" "$2"
        find "$1" -mindepth 1 -maxdepth 1 -exec mv -t "$2" {} + ||
            { cp -aT "$1" "$2"; find "$1" -mindepth 1 -delete; }
    elif [ -e "$2" ]; then
        rmdir "$2"
    fi
}
"#;

/// The command that exchanges the release in its place with the one that is kept.
pub(super) fn swap(own: &[String]) -> String {
    let other = format!("{KEPT}/other");
    let mut script = format!("set -e; {MOVE}");
    for (number, place) in own.iter().enumerate() {
        let (place, kept) = (shell_quote(place), format!("{KEPT}/{number}"));
        script.push_str(&format!(
            "move {place} {other}; move {kept} {place}; move {other} {kept}; \
             [ ! -e {other} ] || rmdir {other}; "
        ));
    }
    for note in NOTES {
        let (place, kept) = (paths::own(note), format!("{KEPT}/{note}"));
        script.push_str(&format!(
            "[ ! -e {place} ] || mv {place} {other}; [ ! -e {kept} ] || mv {kept} {place}; \
             [ ! -e {other} ] || mv {other} {kept}; "
        ));
    }
    script
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    /// What is in a folder, with what is in the files.
    fn all(root: &Path) -> Vec<String> {
        let find = "cd \"$1\" && find . -type d -printf '%P %m\n' -o -printf '%P ' -exec cat {} \\; | sort";
        let output = Command::new("sh").args(["-c", find, "find"]).arg(root).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn two_releases_change_places_and_back_whatever_folders_each_has() {
        for before in [false, true] {
            change_places_and_back(before);
        }
    }

    /// `settles`: whether the live release is made the host's own before.
    fn change_places_and_back(settles: bool) {
        let root = tempfile::tempdir().unwrap();
        let place = |path: &str| root.path().join(path).display().to_string();
        let own = [place("home/it's venv"), place("home/app")];
        let sh = |script: &str| {
            let script =
                script.replace(paths::OWN, &place("own")).replace(paths::READY, &place("own"));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        fs::create_dir_all(place("own")).unwrap();
        fs::create_dir_all(format!("{}/lib/.hidden", own[0])).unwrap();
        fs::write(format!("{}/lib/.hidden/release", own[0]), "live\n").unwrap();
        fs::write(place("own/installed.txt"), "live\n").unwrap();
        let before = all(&root.path().join("home"));
        if settles {
            sh(&settle(&own));
        }
        sh(&keep(&own));
        assert_eq!(all(&root.path().join("home")), before);
        // The new one is a tree, too, and brings what the live one had not.
        for folder in ["it's venv", "app"] {
            let folder = place(&format!("own/kept/incoming/{folder}"));
            fs::create_dir_all(format!("{folder}/lib")).unwrap();
            fs::write(format!("{folder}/lib/release"), "new\n").unwrap();
        }
        for note in ["installed.txt", "brought.txt"] {
            fs::write(place(&format!("own/{note}")), "new\n").unwrap();
        }
        sh(&take_in(&own));
        let new = all(&root.path().join("home"));
        assert!(new.contains(&"app/lib/release new".to_owned()), "{new:?}");
        assert!(!new.iter().any(|line| line.contains("live")), "{new:?}");
        sh(&swap(&own));
        assert_eq!(all(&root.path().join("home")), before);
        assert_eq!(fs::read_to_string(place("own/installed.txt")).unwrap(), "live\n");
        sh(&swap(&own));
        assert_eq!(all(&root.path().join("home")), new);
        sh(&swap(&own));
        assert_eq!(all(&root.path().join("home")), before);
        // Nothing of the live one is in what is kept.
        let kept = all(&root.path().join("own/kept"));
        assert!(kept.iter().all(|line| !line.contains("live")), "{kept:?}");
    }
}
