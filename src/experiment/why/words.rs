//! An experiment in words: a line for each rehearsal, and the answer.

use std::time::Duration;

use crate::run::in_shell;

use super::answer::{Answer, Cause, End};
use super::between::{Between, Kind, RELEASE};
use super::results::{Outcome, Results, Verdict};
use super::search::{Purpose, Trial};
use super::space::Hybrid;

/// Keys that a line names.
const MOST_NAMED: usize = 3;
/// Files of a release that are named.
const MOST_FILES: usize = 8;

/// A rehearsal as it is shown: its number, what for, and what came of it.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    pub trial: Trial,
    pub outcome: Outcome,
    /// Whether it went to its end, with the whole suite.
    pub is_whole: bool,
    /// `None` where it was known from an earlier experiment.
    pub took: Option<Duration>,
    /// What failed first.
    pub says: Option<String>,
    /// The distributions that were installed, as `name==version`.
    pub installed: Vec<String>,
    pub folder: String,
}

impl Rehearsed {
    /// One that is no description, so nothing was rehearsed.
    #[must_use]
    pub fn refused(trial: Trial) -> Rehearsed {
        Rehearsed {
            trial,
            outcome: Outcome::Refused,
            is_whole: false,
            took: None,
            says: None,
            installed: Vec::new(),
            folder: String::new(),
        }
    }
}

impl Between {
    /// What is rehearsed, in a few words: `site-a with 8 of them`.
    #[must_use]
    pub fn called(&self, trial: &Trial) -> String {
        let Between { red, green, .. } = self;
        let (all, some) = (self.space.units().len(), trial.hybrid.len());
        match trial.purpose {
            _ if some == 0 && matches!(self.kind, Kind::Below(_)) => format!("{green} as they are"),
            _ if some == 0 => format!("{green} as it is"),
            _ if some == all => format!("{green} with all of them"),
            Purpose::Without if all - some == 1 => format!("{red} without it"),
            Purpose::Without => format!("{red} without {} of them", all - some),
            Purpose::Alone if some == 1 => format!("{green} with it"),
            Purpose::Alone | Purpose::Search | Purpose::End => {
                format!("{green} with {some} of them")
            }
        }
    }

    /// The line of a rehearsal: ` 1  site-a with 8 of them   red   4.1s   tls, wsgi, ...`.
    #[must_use]
    pub fn line(&self, number: usize, rehearsed: &Rehearsed) -> String {
        let took = rehearsed.took.map_or("known".to_owned(), seconds);
        let what = self.called(&rehearsed.trial);
        let line = format!(
            "{number:>3}  {what:<31} {:<11}{took:<8}{}",
            word(rehearsed.outcome),
            self.named(&rehearsed.trial)
        );
        line.trim_end().to_owned()
    }

    /// The first keys that a hybrid has of the failing site, or lacks.
    fn named(&self, trial: &Trial) -> String {
        let hybrid = &trial.hybrid;
        let whole = self.space.whole();
        let is_lacking = trial.purpose == Purpose::Without;
        let units = whole.units().filter(|unit| hybrid.has(*unit) != is_lacking);
        let keys: Vec<&str> =
            units.flat_map(|unit| self.keys(unit)).map(|key| key.key.as_str()).collect();
        if hybrid.is_empty() || *hybrid == whole {
            return String::new();
        }
        let more = if keys.len() > MOST_NAMED { " ..." } else { "" };
        format!("{}{more}", keys[..keys.len().min(MOST_NAMED)].join(", "))
    }

    /// The answer, as far as it goes.
    #[must_use]
    pub fn answer(&self, answer: &Answer, rehearsed: &[Rehearsed]) -> String {
        let mut text = String::new();
        if let Some((end, verdict)) = answer.changed {
            text.push_str(&self.changed(end, verdict, rehearsed));
        }
        for (number, cause) in answer.causes.iter().enumerate() {
            let head = if number == 0 { "because of  " } else { "and, by itself, because of  " };
            text.push_str(&self.cause(head, cause, rehearsed));
        }
        if !answer.causes.is_empty() && !answer.is_proven() {
            text.push_str("this is not proven both ways\n");
        }
        if let Some(range) = &answer.range {
            let keys = |units: &[usize]| {
                let keys = units.iter().flat_map(|unit| self.keys(*unit));
                keys.map(|key| key.key.as_str()).collect::<Vec<_>>().join(", ")
            };
            if !range.needed.is_empty() {
                text.push_str(&format!("so far because of {}: not proven\n", keys(&range.needed)));
            }
            if !range.one_of.is_empty() {
                let count = range.one_of.len();
                let one_of = match (count, &range.needed[..]) {
                    (1, _) => "it is".to_owned(),
                    (_, []) => format!("what is to blame is among these {count}"),
                    _ => format!("what is needed with it is among these {count}"),
                };
                text.push_str(&format!("{one_of}: {}\n", keys(&range.one_of)));
            }
        }
        if answer.confidence < 1.0 && !answer.causes.is_empty() {
            let percent = (answer.confidence * 100.0).floor();
            text.push_str(&format!(
                "rehearsals of the same came to different ends: {percent:.0} % sure\n"
            ));
        }
        text
    }

    fn changed(&self, end: End, verdict: Verdict, rehearsed: &[Rehearsed]) -> String {
        let times = rehearsed.len();
        let Between { kind, red, green, .. } = self;
        let said = rehearsed.iter().rev().find_map(|one| one.says.as_deref()).unwrap_or("red");
        let otherwise = match kind {
            Kind::Sites | Kind::Chosen => format!("{red} in the names of {green}"),
            Kind::Plain | Kind::Below(_) => red.clone(),
            Kind::Releases => format!("{red} with its own release on an empty site"),
            Kind::Runs(_) => format!("what was installed in {red}"),
        };
        let text = match (kind, end, verdict) {
            (Kind::Below(keys), End::Green, Verdict::Red) => format!(
                "it is none of the distributions: with {green} it fails in the same way, so it is {keys} as a whole"
            ),
            (Kind::Below(keys), End::Green, _) => format!(
                "with {green} it fails in another way: they cannot be taken apart from {keys} ({said})"
            ),
            (Kind::Sites | Kind::Chosen, End::Green, _) => {
                format!("{green} does not pass any more: rehearse it")
            }
            (_, End::Green, _) => format!("{green} is not green: {said}"),
            (Kind::Sites | Kind::Chosen, End::Red, Verdict::Green) => format!(
                "{otherwise} passes: it was red by accident, or because of its names or secrets ({times} rehearsals)"
            ),
            (Kind::Releases, End::Red, Verdict::Green) => format!(
                "{otherwise} passes: it was red by accident, or only over another release ({times} rehearsals)"
            ),
            (_, End::Red, Verdict::Green) => {
                format!("{otherwise} passes: it was red by accident ({times} rehearsals)")
            }
            (_, End::Red, _) => format!("{otherwise} fails in another way than it did: {said}"),
        };
        text + "\n"
    }

    fn cause(&self, head: &str, cause: &Cause, rehearsed: &[Rehearsed]) -> String {
        let mut text = String::new();
        let keys: Vec<_> = cause.units().flat_map(|unit| self.keys(unit)).collect();
        for (number, key) in keys.iter().enumerate() {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            let head =
                if number == 0 { head.to_owned() } else { format!("{:>1$}", "and  ", head.len()) };
            let (one, two) = (side(&key.one), side(&key.two));
            text.push_str(&format!("{head}{}: {one}   instead of  {two}\n", key.key));
        }
        let beside: Vec<&str> = cause
            .beside
            .iter()
            .flat_map(|unit| self.keys(*unit))
            .map(|key| key.key.as_str())
            .collect();
        if !beside.is_empty() {
            text.push_str(&format!(
                "  together with {}, without which it fails in another way\n",
                beside.join(", ")
            ));
        }
        let Between { red, green, files, .. } = self;
        if !files.is_empty() && keys.iter().any(|key| key.key == RELEASE) {
            let more = if files.len() > MOST_FILES { " ..." } else { "" };
            let named = files[..files.len().min(MOST_FILES)].join(", ");
            text.push_str(&format!("  in which differ: {named}{more}\n"));
        }
        let has_name =
            |value: &str| self.whole.names.iter().any(|name| value.contains(&name.to_string()));
        if self.is_of_sites() && keys.iter().filter_map(|key| key.one.as_deref()).any(has_name) {
            text.push_str(&format!("  names of {red} are written as those of {green}\n"));
        }
        let it = if keys.len() == 1 { "it" } else { "them" };
        let alone = format!("{green} with {it}");
        text.push_str(&proof(&alone, "failed, the same", &cause.alone, rehearsed));
        for without in &cause.without {
            let key = self.keys(without.unit).next().map_or("it", |key| key.key.as_str());
            let what = if keys.len() == 1 { "it" } else { key };
            let is_it = |one: &&Rehearsed| one.trial.hybrid == without.hybrid && one.is_whole;
            let whole = rehearsed.iter().rev().find(is_it);
            let ended = match (without.verdict, whole) {
                (Verdict::Green, Some(whole)) if whole.says.is_none() => "passed",
                (Verdict::Green, _) => "got past it",
                (Verdict::Red, _) => "failed all the same",
                (Verdict::Unresolved, _) => "failed in another way",
            };
            let what = format!("{red} without {what}");
            text.push_str(&proof(&what, ended, &without.hybrid, rehearsed));
            if let (Verdict::Green, Some(later)) =
                (without.verdict, whole.and_then(|whole| whole.says.as_deref()))
            {
                text.push_str(&format!("    and then failed for another reason: {later}\n"));
            }
        }
        text
    }

    /// The end: how many rehearsals it took, and what to try.
    #[must_use]
    pub fn ending(
        &self,
        answer: &Answer,
        results: &Results,
        (rehearsed, took): (&[Rehearsed], Duration),
        limit: Option<&str>,
    ) -> String {
        let early = limit.filter(|_| answer.range.is_some());
        let early = early.map_or(String::new(), |limit| {
            format!("ended early: {limit}; the same command goes on\n")
        });
        let count = results.count();
        let number =
            if count == 1 { "1 rehearsal".to_owned() } else { format!("{count} rehearsals") };
        let unresolved = match results.unresolved() {
            0 => String::new(),
            some => format!(", {some} of which failed in another way"),
        };
        let mut text = format!("{early}{number}{unresolved}, {}", seconds(took));
        if let Some(cause) = answer.causes.first() {
            let alone =
                rehearsed.iter().rev().find(|rehearsed| rehearsed.trial.hybrid == cause.alone);
            if let Some(rehearsed) = alone {
                text.push_str(&format!("   report: {}/report.html", rehearsed.folder));
            }
            let all = cause.units().chain(cause.beside.iter().copied());
            let settings = self.settings(all);
            if !settings.is_empty() {
                let set = settings.iter().map(|setting| format!(" --set {}", in_shell(setting)));
                let set: String = set.collect();
                let site = if self.is_of_sites() { &self.green } else { self.whole.name.as_str() };
                text.push_str(&format!("   try it: stagectl up {site}{set}"));
            }
        }
        text + "\n"
    }
}

/// A proof with the seconds of the last rehearsal of it.
fn proof(what: &str, ended: &str, hybrid: &Hybrid, rehearsed: &[Rehearsed]) -> String {
    let last = rehearsed.iter().rev().find(|rehearsed| rehearsed.trial.hybrid == *hybrid);
    let took = last.and_then(|rehearsed| rehearsed.took).map_or("known".to_owned(), seconds);
    format!("  {what:<30}  {ended:<22}{took}\n")
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Green => "green",
        Outcome::Red => "red",
        Outcome::Flaky => "flaky",
        Outcome::Otherwise => "otherwise",
        Outcome::Refused => "refused",
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1}s", took.as_secs_f64())
}
