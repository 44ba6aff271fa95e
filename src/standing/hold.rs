//! Who works on a replica now. Two processes that would disturb each other exclude each other by a locked file of this
//! machine: the kernel takes the lock away when its process ends, in whatever way it does.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use jiff::{Timestamp, tz::TimeZone};

use super::found::Standing;
use super::redeploy::{Redeploy, Stage, way_out_of_half};
use crate::digest::Digest;
use crate::docker::{Liveness, Owner};
use crate::failure::Failure;
use crate::site::SiteName;
use crate::state;

/// What a process does that another would disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Brings a replica of a site up.
    Up,
    /// Deploys another release into a replica.
    Redeploy,
    /// Examines a replica; others may do so at the same time.
    Test,
}

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Work::Up => "stagectl up",
            Work::Redeploy => "stagectl redeploy",
            Work::Test => "stagectl test",
        })
    }
}

/// The right to work on something, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

/// Takes the right to bring up the one replica of a site of the project in a folder. `locks` is the folder of the engine's locks.
///
/// # Errors
/// Infrastructure: another process does so, and which it is.
pub fn hold_site(locks: &Path, root: &Path, site: &SiteName) -> Result<Hold, Failure> {
    let key =
        Digest::of("site").with(root.as_os_str().as_encoded_bytes()).with(site.as_str()).hex();
    let held = hold(locks, &key, &format!("a replica of {site}"), Work::Up);
    held.map_err(|failure| failure.hint("one more beside it: `--again`"))
}

/// Takes the right to work on a replica that is up.
///
/// # Errors
/// Infrastructure: another process works on it, and which it is.
pub fn hold_replica(locks: &Path, replica: &Standing, work: Work) -> Result<Hold, Failure> {
    let key = Digest::of("replica").with(replica.run.as_str()).with(&replica.site).hex();
    hold(locks, &key, &format!("the replica of {}", replica.site), work)
}

/// Says that a redeploy is at work, which was begun by a process that shares no lock with this one: on another machine, or
/// somebody else's.
///
/// # Errors
/// Infrastructure.
pub fn expect_no_redeploy(replica: &Standing, now: i64) -> Result<(), Failure> {
    match replica.redeploy() {
        Some(redeploy) if redeploy.stage(now) == Stage::AtWork => {
            let Redeploy { since, owner } = redeploy;
            let who = who(Work::Redeploy, *since, owner.parse().ok().as_ref());
            Err(busy(&format!("the replica of {}", replica.site), &who))
        }
        _ => Ok(()),
    }
}

/// Says that a replica belongs to a run that is at work, and is not left up yet: only that one changes it.
///
/// # Errors
/// Infrastructure.
pub fn expect_left_up(replica: &Standing, now: i64) -> Result<(), Failure> {
    if replica.is_left_up() || replica.is_abandoned(now) {
        return Ok(());
    }
    let site = &replica.site;
    let owner = replica.owner.parse::<Owner>();
    let process = owner.map_or_else(|_| String::new(), |owner| format!(", process {}", owner.pid));
    Err(Failure::infrastructure(format!(
        "the replica of {site} belongs to a run that is at work{process}"
    ))
    .hint(format!(
        "wait until that has ended, then bring one up that stays: `stagectl up {site} --release ...`"
    )))
}

/// Whether there is one whole release in the replica: what is not is no subject of a verdict.
///
/// # Errors
/// Infrastructure: a redeploy was cut short.
pub fn expect_whole(replica: &Standing, now: i64) -> Result<(), Failure> {
    match replica.redeploy() {
        Some(redeploy) if redeploy.stage(now) == Stage::CutShort => {
            let site = &replica.site;
            Err(Failure::infrastructure(format!(
                "a redeploy into the replica of {site} was cut short"
            ))
            .cause("nobody knows what is there of the old release and of the new one")
            .hint(way_out_of_half(site)))
        }
        _ => Ok(()),
    }
}

fn hold(locks: &Path, key: &str, what: &str, work: Work) -> Result<Hold, Failure> {
    let refused = |error: &std::io::Error| {
        Failure::infrastructure(format!("could not lock {what} in {}", locks.display()))
            .because(error)
    };
    state::private_folder(locks)?;
    let path = locks.join(format!("{}.lock", &key[..24]));
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| refused(&error))?;
    let locked = match work {
        Work::Test => file.try_lock_shared(),
        Work::Up | Work::Redeploy => file.try_lock(),
    };
    match locked {
        Ok(()) => {
            // For those who come meanwhile; that it cannot be noted makes their message shorter, and no more.
            note(&mut file, work).ok();
            Ok(Hold { _file: file })
        }
        Err(TryLockError::WouldBlock) => Err(busy(what, &read_note(&mut file))),
        Err(TryLockError::Error(error)) => Err(refused(&error)),
    }
}

fn busy(what: &str, who: &str) -> Failure {
    Failure::infrastructure(format!("another process works on {what}: {who}"))
        .hint("wait until it has ended, then try again")
}

fn note(file: &mut File, work: Work) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    let (since, owner) = (Timestamp::now().as_second(), Owner::this_process());
    file.write_all(format!("{work}\n{since}\n{owner}\n").as_bytes())
}

/// Who holds it, as far as it is known: of several the last one may have ended.
fn read_note(file: &mut File) -> String {
    let mut text = String::new();
    file.read_to_string(&mut text).ok();
    let lines: Vec<&str> = text.lines().collect();
    let known = || {
        let &[work, since, owner] = &lines[..] else { return None };
        let work = [Work::Up, Work::Redeploy, Work::Test]
            .into_iter()
            .find(|one| one.to_string() == work)?;
        let owner: Owner = owner.parse().ok()?;
        (owner.liveness() != Liveness::Dead)
            .then(|| who(work, since.parse().unwrap_or(0), Some(&owner)))
    };
    known().unwrap_or_else(|| "another stagectl".to_owned())
}

fn who(work: Work, since: i64, owner: Option<&Owner>) -> String {
    let since =
        Timestamp::from_second(since).unwrap_or_default().to_zoned_datetime(TimeZone::system());
    let since = since.strftime("%H:%M:%S");
    match owner {
        Some(owner) if owner.host == Owner::this_process().host => {
            format!("`{work}`, process {}, since {since}", owner.pid)
        }
        Some(owner) => format!("`{work}` on {}, process {}, since {since}", owner.host, owner.pid),
        None => format!("`{work}`, since {since}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(held: Result<Hold, Failure>) -> String {
        let failure = held.unwrap_err();
        assert_eq!(failure.kind, crate::failure::Kind::Infrastructure);
        let (message, _) = failure.message.split_once(", since ").unwrap_or((&failure.message, ""));
        format!("{message}; {}", failure.hints.join("; "))
    }

    #[test]
    fn two_redeploys_exclude_each_other_and_a_test_as_well_and_tests_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let locks = folder.path().join("locks");
        let take =
            |key: &str, work| hold(&locks, &format!("{key:0>24}"), "the replica of shop", work);
        let process = std::process::id();
        let redeploy = take("1", Work::Redeploy).unwrap();
        for work in [Work::Redeploy, Work::Test] {
            assert_eq!(
                refusal(take("1", work)),
                format!(
                    "another process works on the replica of shop: `stagectl redeploy`, process {process}; wait until it has \
                     ended, then try again"
                )
            );
        }
        // That of another site is another.
        take("2", Work::Redeploy).unwrap();
        drop(redeploy);
        let tests = [take("1", Work::Test).unwrap(), take("1", Work::Test).unwrap()];
        let refused = refusal(take("1", Work::Redeploy));
        assert!(refused.contains(&format!(": `stagectl test`, process {process}; ")), "{refused}");
        drop(tests);
        take("1", Work::Redeploy).unwrap();
    }

    #[test]
    fn the_site_is_held_for_each_project_by_itself_and_a_note_of_who_has_ended_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let locks = folder.path().join("locks");
        let name = |text: &str| text.parse::<SiteName>().unwrap();
        let project = Path::new;
        let _held = hold_site(&locks, project("one"), &name("shop")).unwrap();
        hold_site(&locks, project("two"), &name("shop")).unwrap();
        hold_site(&locks, project("one"), &name("desk")).unwrap();
        let refused = refusal(hold_site(&locks, project("one"), &name("shop")));
        assert!(
            refused.ends_with(
                "; wait until it has ended, then try again; one more beside it: `--again`"
            ),
            "{refused}"
        );
        let key = Digest::of("site").with("one").with("shop").hex();
        let owner = Owner { started: 1, ..Owner::this_process() };
        let note = format!("stagectl up\n0\n{owner}\n");
        std::fs::write(locks.join(format!("{}.lock", &key[..24])), note).unwrap();
        let refused = refusal(hold_site(&locks, project("one"), &name("shop")));
        assert!(
            refused.starts_with("another process works on a replica of shop: another stagectl;"),
            "{refused}"
        );
    }
}
