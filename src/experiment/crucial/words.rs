//! The answer in words.

use super::answer::{Crucial, KilledBy, Mutant, Outcome, Standing, Trait};

/// Tests that are named of one key; of more their number.
const MOST_NAMED: usize = 2;

/// What is going to be tried.
#[must_use]
pub fn head(site: &str, mutants: usize, keys: usize, tests: usize) -> String {
    format!("{site}: {mutants} mutants of {keys} keys; its {tests} tests pass\n\n")
}

/// One line of what a mutant came to, or the group that it is the first of.
#[must_use]
pub fn line(mutant: &Mutant, others: usize) -> String {
    let more = if others == 0 { String::new() } else { format!(" and {others} more") };
    let outcome = match mutant.outcome {
        Outcome::Killed => format!("noticed   {}", noticed_by(mutant)),
        Outcome::Survived => format!("survived{}", skipped(mutant)),
        Outcome::Unresolved => {
            format!("unresolved   {}", mutant.says.as_deref().unwrap_or_default())
        }
        Outcome::Untried => "split".to_owned(),
    };
    let name = format!("{}{more}", mutant.name);
    let seconds = mutant.seconds.map_or(String::new(), |seconds| format!("{seconds:.1}s"));
    format!("  {name:<52} {seconds:>7}  {outcome}\n")
}

/// How many tests did not look.
fn skipped(mutant: &Mutant) -> String {
    match &mutant.skipped[..] {
        [] => String::new(),
        tests => format!("   without {}, which skipped", some_of(tests)),
    }
}

fn noticed_by(mutant: &Mutant) -> String {
    match mutant.killed_by {
        Some(KilledBy::Suite) if !mutant.tests.is_empty() => some_of(&mutant.tests),
        Some(KilledBy::Diagnosis) => format!("diagnosis: {}", some_of(&mutant.checks)),
        _ => {
            let phase = mutant.phase.map_or("", crate::replica::Phase::name);
            format!("{phase}: {}", mutant.says.as_deref().unwrap_or_default())
        }
    }
}

fn some_of(names: &[String]) -> String {
    match names.len().checked_sub(MOST_NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..MOST_NAMED].join(", ")),
        _ => names.join(", "),
    }
}

/// The three lists, what is apart, and the score.
#[must_use]
pub fn text(crucial: &Crucial) -> String {
    let mut text = String::new();
    let mut list = |traits: Vec<&Trait>, title: &str, of: &dyn Fn(&Trait) -> String| {
        if !traits.is_empty() {
            text.push_str(&format!("{title}: {}\n", count(traits.len(), "key")));
            for one in traits {
                text.push_str(&format!("  {}{}\n", one.key, of(one)));
            }
        }
    };
    list(crucial.of_standing(Standing::Crucial).collect(), "crucial", &|one| {
        let phases = one.phases.iter().map(|phase| (*phase).name().to_owned());
        let by: Vec<String> = one.tests.iter().cloned().chain(phases).collect();
        format!("   noticed by {}", some_of(&by))
    });
    list(
        crucial.blind_spots().collect(),
        "not noticed by the suite although the app touches it",
        &|one| {
            format!("   {}{}", one.touched.first().map_or("", String::as_str), blind(crucial, one))
        },
    );
    list(crucial.known_blind_spots().collect(), "not noticed, as `uncovered` says", &|_| {
        String::new()
    });
    list(crucial.noticed_by_now().collect(), "named in `uncovered`, and noticed by now", &|_| {
        String::new()
    });
    list(
        crucial.of_standing(Standing::DiagnosisOnly).collect(),
        "only the diagnosis notices it",
        &|one| format!("   noticed by {}", some_of(&one.checks)),
    );
    let is_known = crucial.observed.missing.is_none();
    let title = if is_known { "not used" } else { "not noticed; whether it is used is not known" };
    list(crucial.of_standing(Standing::NotUsed).collect(), title, &|_| String::new());
    if let Some(why) = &crucial.observed.missing {
        text.push_str(&format!("nothing was observed: {why}\n"));
    }
    if !crucial.observed.copied_by.is_empty() {
        text.push_str(&format!(
            "all variables at once are taken by {}: what it reads of them was not seen\n",
            crucial.observed.copied_by.join(", ")
        ));
    }
    text + &score(crucial)
}

/// The lines that reproduce the mutants of a key that nobody noticed.
fn blind(crucial: &Crucial, one: &Trait) -> String {
    let is_of = |mutant: &&Mutant| {
        mutant.outcome == Outcome::Survived && mutant.traits.first() == Some(&one.key)
    };
    let lines = crucial.mutants.iter().filter(is_of).map(|mutant| {
        let command = reproducing(&crucial.site, mutant);
        format!("\n      {}: {command}{}", mutant.name, skipped(mutant))
    });
    lines.collect()
}

/// The command that brings up the site as a mutant.
#[must_use]
pub fn reproducing(site: &str, mutant: &Mutant) -> String {
    let settings = mutant.settings.iter().map(|setting| format!(" --set {}", quoted(setting)));
    format!("stagectl up {site}{}", settings.collect::<String>())
}

fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@%+,".contains(letter);
    if word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What was noticed of what is touched, and what it rests on: a line each.
#[must_use]
pub fn score(crucial: &Crucial) -> String {
    let score = crucial.score;
    let of = |outcome| crucial.mutants.iter().filter(|one| one.outcome == outcome).count();
    let open = of(Outcome::Untried) + of(Outcome::Unresolved);
    let open = match open {
        0 => String::new(),
        1 => ", 1 is open".to_owned(),
        more => format!(", {more} are open"),
    };
    format!(
        "noticed {} of {} keys that the app touches, and {} more by the diagnosis alone\n{} of {} mutants survived{open}; {}, {:.0}s\n",
        score.noticed,
        score.touched,
        score.by_diagnosis,
        of(Outcome::Survived),
        crucial.mutants.len(),
        count(crucial.rehearsals, "rehearsal"),
        crucial.seconds,
    )
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
