//! What is below a cause: a whole base, a Python or a release brings distributions of its own, and these can be tried
//! one by one.

use super::between::{Between, Ends, Kind, RELEASE};
use super::distributions::Distributions;
use super::explore::Explored;
use super::question::{Question, Red};
use super::requires::forces_of;
use super::space::Hybrid;
use crate::failure::Failure;

/// What is below a cause.
#[derive(Debug)]
pub(super) enum Below {
    /// It brings nothing that could be tried by itself.
    Nothing,
    /// Both ends have the same distributions: this is said of it.
    Same(String),
    Question(Box<Question>),
}

/// What is below the first cause that was found.
///
/// # Errors
/// As [`Between::new`].
pub(super) async fn below(
    question: &Question,
    red: &Red<'_>,
    explored: &Explored,
) -> Result<Below, Failure> {
    let Question { between, bench, signature, run, .. } = question;
    let Some(cause) = explored.answer.causes.first() else { return Ok(Below::Nothing) };
    let brings = |unit: &usize| between.keys(*unit).any(|key| brings_distributions(&key.key));
    let units: Vec<usize> = cause.units().filter(brings).collect();
    if units.is_empty() || between.has_distributions() {
        return Ok(Below::Nothing);
    }
    let keys = units.iter().flat_map(|unit| between.keys(*unit)).map(|key| key.key.as_str());
    let keys = keys.collect::<Vec<_>>().join(", ");
    let before = between.space.without(&cause.alone, &units);
    let installed = |hybrid: &Hybrid| {
        let mut of = explored.rehearsed.iter().filter(|one| one.trial.hybrid == *hybrid);
        of.find(|one| !one.installed.is_empty()).map(|one| &one.installed)
    };
    let Some((green, two)) = installed(&before).zip(installed(&cause.alone)) else {
        return Ok(Below::Nothing);
    };
    let (project, release) = (&bench.project, &bench.release);
    let (site, _) = between.made(&cause.alone, &project.root)?;
    let (one, _) = between.made(&before, &project.root)?;
    let as_of = one.install.as_of.zip(site.install.as_of).map(|(one, two)| one.max(two));
    let distributions = Distributions::of(green, two, (&release.name, as_of));
    if distributions.differences().is_empty() {
        return Ok(Below::Same(format!(
            "  {keys} as a whole: the same distributions are installed with it and without it"
        )));
    }
    let other = between.green_release().filter(|_| keys == RELEASE);
    let names = match other {
        Some(other) => [other.to_string(), release.to_string()],
        None => ["the green distributions".to_owned(), "the red ones".to_owned()],
    };
    let mut ends = Ends {
        kind: Kind::Below(keys),
        names,
        crossing: between.at(&cause.alone),
        distributions: Some(distributions),
        releases: other.map(|other| [other.clone(), release.clone()]),
        forces: Vec::new(),
    };
    ends.forces = forces_of(&site, project, &ends).await;
    let between = Between::new(ends, &red.signs(), &[])?;
    let mut below = Question::new((project.clone(), release.clone()), red, between);
    (below.signature, below.run) = (signature.clone(), run.clone());
    Ok(Below::Question(Box::new(below)))
}

/// Whether a key decides which distributions are installed.
fn brings_distributions(key: &str) -> bool {
    let of_the_base = ["base.debian", "base.image", "base.rootfs", "base.snapshot"];
    key == RELEASE || key == "python" || key.starts_with("install.") || of_the_base.contains(&key)
}
