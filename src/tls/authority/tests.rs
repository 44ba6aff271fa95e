//! Roots and chains that are kept, replaced and never shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::site::KeyShape;

fn names() -> Vec<String> {
    vec!["*.site-b.example".to_owned(), "site-b.example".to_owned()]
}

fn open(folder: &Path, names: &[String], now: Timestamp) -> Authority {
    Authority::load_or_create_at(folder, "board", names, now).unwrap()
}

fn shape() -> CertificateShape {
    CertificateShape::new(names(), KeyShape::EcdsaP256, 1)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_root_is_made_once_and_only_its_owner_reads_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("state/tls");
    let now = Timestamp::now();
    let first = open(&folder, &names(), now);
    assert_eq!(first.origin(), &Origin::Created);
    let chain = first.issue(&shape(), now).unwrap();
    let again = open(&folder, &names(), now);
    assert_eq!(again.origin(), &Origin::Loaded);
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!(again.issue(&shape(), now).unwrap(), chain);
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_root_that_is_not_good_is_replaced_with_the_reason() {
    type Spoil = fn(&Path);
    let table: [(Spoil, &str); 5] = [
        (|folder| fs::write(folder.join(KEY), "nonsense").unwrap(), "root.pem and root-key.pem"),
        (|folder| fs::remove_file(folder.join(KEY)).unwrap(), "root-key.pem was missing"),
        (|folder| fs::remove_file(folder.join(CERTIFICATE)).unwrap(), "root.pem was missing"),
        (
            |folder| {
                fs::write(folder.join(KEY), KeyPair::generate().unwrap().serialize_pem()).unwrap();
            },
            "root.pem and root-key.pem could not be used: the key is not that of the certificate",
        ),
        (
            |folder| {
                fs::set_permissions(folder.join(KEY), fs::Permissions::from_mode(0o644)).unwrap();
            },
            "root-key.pem could not be used: others than its owner can read it",
        ),
    ];
    for (spoil, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let first = open(folder.path(), &names(), now);
        spoil(folder.path());
        let second = open(folder.path(), &names(), now);
        let Origin::Replaced(reason) = second.origin() else { panic!("{:?}", second.origin()) };
        assert!(reason.starts_with(expected), "{reason}");
        assert_ne!(second.fingerprint(), first.fingerprint());
        assert_eq!(open(folder.path(), &names(), now).origin(), &Origin::Loaded);
    }
}

#[test]
fn other_names_or_ten_years_make_a_new_root_and_forget_its_chains() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let chain = open(folder.path(), &names(), now).issue(&shape(), now).unwrap();
    let changed = open(folder.path(), &["other.example".to_owned()], now);
    let expected = "the project or its names have changed".to_owned();
    assert_eq!(changed.origin(), &Origin::Replaced(expected));
    let kept = fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(CHAIN_PREFIX)
    });
    assert_eq!(kept.count(), 0);
    let later = now + SignedDuration::from_hours(3560 * 24);
    let renewed = open(folder.path(), &["other.example".to_owned()], later);
    assert_eq!(renewed.origin(), &Origin::Replaced("it has expired, or is about to".to_owned()));
    assert_ne!(renewed.issue(&shape(), later).unwrap(), chain);
}

#[test]
fn a_chain_is_issued_anew_for_its_last_month_or_when_spoiled() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let authority = open(folder.path(), &names(), now);
    let first = authority.issue(&shape(), now).unwrap();
    let at = |days: i64| now + SignedDuration::from_hours(days * 24);
    assert_eq!(authority.issue(&shape(), at(59)).unwrap(), first);
    let second = authority.issue(&shape(), at(61)).unwrap();
    assert_ne!(second, first);
    let file = folder.path().join(authority.file_of(&shape()));
    let text = fs::read_to_string(&file).unwrap();
    for spoiled in [&text[..text.len() / 2], "", &text[..text.len() - 40]] {
        fs::write(&file, spoiled).unwrap();
        let made = authority.issue(&shape(), at(61)).unwrap();
        assert_eq!(made.certificates_pem.matches("END CERTIFICATE").count(), 2);
        assert_ne!(made, second);
    }
}

#[test]
fn processes_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let fingerprints: Vec<String> = std::thread::scope(|scope| {
        let open = || open(folder.path(), &names(), now).fingerprint().to_owned();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(fingerprints.iter().all(|one| *one == fingerprints[0]), "{fingerprints:?}");
}

#[test]
fn a_folder_that_somebody_removed_is_no_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    let authority = open(&tls, &names(), Timestamp::now());
    fs::remove_dir_all(&tls).unwrap();
    let failure = authority.issue(&shape(), Timestamp::now()).unwrap_err();
    assert!(failure.message.starts_with("could not write `"), "{}", failure.message);
    assert_eq!(failure.causes, ["the folder was removed while stagectl worked in it"]);
    assert_eq!(
        failure.hints,
        ["let `.stagectl` alone while something is rehearsed, and try again"]
    );
}

#[test]
fn no_key_is_ever_shown() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let authority = open(folder.path(), &names(), now);
    let chain = authority.issue(&shape(), now).unwrap();
    let shown = format!("{authority:?} {chain:?}");
    for key in [&chain.key_pem, &authority.root.key_pem] {
        assert!(key.lines().all(|line| !shown.contains(line)), "{shown}");
    }
    assert!(shown.contains("*.site-b.example"));
}
