//! The answer as a page for people: blind spots first, then the matrix of keys and tests as a heat map.

use serde::Serialize;

use super::answer::{Crucial, KilledBy, Mutant, Outcome, Standing, Trait};
use super::words::{reproducing, score};
use crate::failure::Failure;
use crate::report::page_of;

const TEMPLATE: &str = "report/crucial.html.j2";
/// Shades of the heat map, the strongest of which is every mutant of a key.
const SHADES: usize = 4;

#[derive(Debug, Serialize)]
struct Page<'a> {
    stagectl: &'a str,
    site: &'a str,
    subject: String,
    sum: Vec<String>,
    ended: Option<&'a str>,
    missing: Option<&'a str>,
    copied_by: &'a [String],
    blind: Vec<Blind<'a>>,
    columns: Vec<Column<'a>>,
    rows: Vec<Row<'a>>,
    known: Vec<&'a Trait>,
    noticed: Vec<&'a Trait>,
    diagnosis: Vec<&'a Trait>,
    unused: Vec<&'a Trait>,
    mutants: Vec<MutantRow<'a>>,
}

/// A key that the app touches, and whose mutants nobody noticed.
#[derive(Debug, Serialize)]
struct Blind<'a> {
    key: &'a str,
    touched: &'a [String],
    lines: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    command: String,
}

#[derive(Debug, Serialize)]
struct Column<'a> {
    name: &'a str,
    /// Without its file.
    short: &'a str,
    /// Where it is no test: a phase.
    is_phase: bool,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    key: &'a str,
    standing: &'static str,
    class: &'static str,
    cells: Vec<Cell>,
}

/// How many mutants of a key a test noticed.
#[derive(Debug, Serialize)]
struct Cell {
    count: usize,
    of: usize,
    shade: usize,
}

#[derive(Debug, Serialize)]
struct MutantRow<'a> {
    name: &'a str,
    class: &'static str,
    outcome: String,
    noticed: String,
    seconds: String,
    command: String,
}

/// The page.
///
/// # Errors
/// A bug: a template that does not fit.
pub fn page(crucial: &Crucial) -> Result<String, Failure> {
    let columns = columns(crucial);
    let mut traits: Vec<&Trait> =
        crucial.traits.iter().filter(|one| one.killed + one.survived > 0).collect();
    traits.sort_by_key(|one| (standing_order(one.standing), one.key.clone()));
    let rows = traits.into_iter().map(|one| row(crucial, one, &columns)).collect();
    let release = &crucial.release;
    page_of(
        TEMPLATE,
        Page {
            stagectl: &crucial.stagectl,
            site: &crucial.site,
            subject: format!("{} {}", release.name, release.version).trim_end().to_owned(),
            sum: score(crucial).lines().map(str::to_owned).collect(),
            ended: crucial.ended.as_deref(),
            missing: crucial.observed.missing.as_deref(),
            copied_by: &crucial.observed.copied_by,
            blind: crucial.blind_spots().map(|one| blind(crucial, one)).collect(),
            known: crucial.known_blind_spots().collect(),
            noticed: crucial.noticed_by_now().collect(),
            diagnosis: crucial.of_standing(Standing::DiagnosisOnly).collect(),
            unused: crucial.of_standing(Standing::NotUsed).collect(),
            mutants: crucial.mutants.iter().map(|mutant| mutant_row(crucial, mutant)).collect(),
            columns,
            rows,
        },
    )
}

fn standing_order(standing: Standing) -> usize {
    match standing {
        Standing::NotNoticed => 0,
        Standing::DiagnosisOnly => 1,
        Standing::Crucial => 2,
        Standing::NotUsed | Standing::Unknown => 3,
    }
}

fn of_key<'a>(crucial: &'a Crucial, key: &'a str) -> impl Iterator<Item = &'a Mutant> {
    crucial.mutants.iter().filter(move |mutant| mutant.traits.first().is_some_and(|own| own == key))
}

fn blind<'a>(crucial: &'a Crucial, one: &'a Trait) -> Blind<'a> {
    let survived = of_key(crucial, &one.key).filter(|mutant| mutant.outcome == Outcome::Survived);
    let line = |mutant: &'a Mutant| Line {
        name: &mutant.name,
        command: reproducing(&crucial.site, mutant),
    };
    Blind { key: &one.key, touched: &one.touched, lines: survived.map(line).collect() }
}

/// The deploy, each test of the suite, and the diagnosis.
fn columns(crucial: &Crucial) -> Vec<Column<'_>> {
    let mut tests: Vec<&str> =
        crucial.baseline.tests.iter().map(|test| test.name.as_str()).collect();
    for (_, test) in crucial.kills() {
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
    let phase = |name| Column { name, short: name, is_phase: true };
    let tests = tests.into_iter().map(|name| {
        let short = name.split_once("::").map_or(name, |(_, rest)| rest);
        Column { name, short, is_phase: false }
    });
    std::iter::once(phase("deploy")).chain(tests).chain([phase("diagnosis")]).collect()
}

fn row<'a>(crucial: &'a Crucial, one: &'a Trait, columns: &[Column<'_>]) -> Row<'a> {
    let of = one.killed + one.survived;
    let cells = columns.iter().map(|column| {
        let notices = |mutant: &&Mutant| match (column.is_phase, column.name) {
            (true, "deploy") => mutant.killed_by == Some(KilledBy::Deploy),
            (true, _) => !mutant.checks.is_empty(),
            (false, test) => mutant.tests.iter().any(|name| name == test),
        };
        let count = of_key(crucial, &one.key).filter(notices).count();
        Cell { count, of, shade: (count * SHADES).div_ceil(of.max(1)) }
    });
    let (standing, class) = match one.standing {
        Standing::Crucial => ("crucial", "good"),
        Standing::NotNoticed => ("not noticed", "bad"),
        Standing::DiagnosisOnly => ("diagnosis only", "odd"),
        Standing::NotUsed => ("not used", "none"),
        Standing::Unknown => ("unknown", "none"),
    };
    Row { key: &one.key, standing, class, cells: cells.collect() }
}

fn mutant_row<'a>(crucial: &Crucial, mutant: &'a Mutant) -> MutantRow<'a> {
    let (outcome, class) = match mutant.outcome {
        Outcome::Killed => ("noticed", "good"),
        Outcome::Survived if mutant.cleared_with.is_empty() => ("survived", "bad"),
        Outcome::Survived => ("survived, in a group", "bad"),
        Outcome::Unresolved => ("unresolved", "odd"),
        Outcome::Untried => ("not tried", "none"),
    };
    let phase = mutant.phase.filter(|_| mutant.killed_by == Some(KilledBy::Deploy));
    let phase = phase.map(|phase| phase.name().to_owned());
    let noticed: Vec<String> =
        phase.into_iter().chain(mutant.tests.clone()).chain(mutant.checks.clone()).collect();
    MutantRow {
        name: &mutant.name,
        class,
        outcome: outcome.to_owned(),
        noticed: noticed.join(", "),
        seconds: mutant.seconds.map_or(String::new(), |seconds| format!("{seconds:.1} s")),
        command: reproducing(&crucial.site, mutant),
    }
}
