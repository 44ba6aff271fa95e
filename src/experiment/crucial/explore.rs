//! The rehearsals of the mutants, one by one or several at a time, within limits.

use std::time::Instant;

use super::answer::{Mutant, Observed, Origin};
use super::fold::Known;
use super::mutants::{Mutants, Planned};
use super::plan::{Candidate, Group, groups, next};
use crate::cancel::Stop;
use crate::experiment::at_once::{Planner, at_once};
use crate::experiment::bench::{Bench, Seen};
use crate::experiment::limits::Limits;
use crate::experiment::verdicts::{Verdicts, verdict_key};
use crate::failure::Failure;
use crate::site::Site;

/// Rehearsals one after the other that nothing came of end it: the machine is to blame, and no mutant.
const MOST_FAILURES: usize = 3;

/// Why it ended before all was tried.
#[derive(Debug, Clone)]
pub enum Ended {
    /// A limit that was wanted.
    Limit(&'static str),
    /// A stop, or what kept us from rehearsing.
    Failure(Failure),
}

impl Ended {
    /// As a person reads it.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Ended::Limit(why) => why,
            Ended::Failure(failure) => &failure.message,
        }
    }
}

/// Who hears what became of a mutant, and of how many others in its group.
type Listen<'a> = Box<dyn FnMut(&Mutant, usize) -> Result<(), Failure> + 'a>;

/// The mutants of a site, and what is known of them so far.
pub struct Exploration<'a> {
    bench: &'a Bench,
    verdicts: &'a Verdicts,
    mutants: &'a Mutants,
    pub known: Known,
    stop: &'a Stop,
    limits: Limits,
    begin: Instant,
    begun: usize,
    failures: usize,
    /// Why it ended before all was tried.
    pub ended: Option<Ended>,
    /// Hears of each mutant, or of the first of a group and how many more there are.
    listen: Listen<'a>,
}

impl<'a> Exploration<'a> {
    #[must_use]
    pub fn new(
        (bench, verdicts): (&'a Bench, &'a Verdicts),
        (mutants, observed, tests): (&'a Mutants, &Observed, Vec<String>),
        (limits, begin): (Limits, Instant),
        stop: &'a Stop,
        listen: impl FnMut(&Mutant, usize) -> Result<(), Failure> + 'a,
    ) -> Exploration<'a> {
        let candidate = |planned: &Planned| Candidate {
            traits: planned.traits.clone(),
            changes_image: planned.changes_image,
            suspicion: suspicion(planned, observed),
        };
        let candidates: Vec<Candidate> = mutants.planned.iter().map(candidate).collect();
        let known = Known { groups: groups(&candidates), tests, ..Known::default() };
        let listen = Box::new(listen);
        let (begun, failures, ended) = (0, 0, None);
        Exploration {
            bench,
            verdicts,
            mutants,
            known,
            stop,
            limits,
            begin,
            begun,
            failures,
            ended,
            listen,
        }
    }

    /// Rehearses until all is known, or a limit is reached.
    pub async fn run(&mut self) {
        let (bench, mutants, stop, verdicts) = (self.bench, self.mutants, self.stop, self.verdicts);
        let most = self.limits.at_once;
        at_once(self, most, |group| async move {
            let site = mutants.site(&settings(mutants, &group))?;
            let seen = Box::pin(bench.rehearse((&site, &bench.release), None, stop)).await?;
            verdicts.keep(&verdict_key(bench, (&site, &bench.release), None)?, &seen)?;
            Ok(seen)
        })
        .await;
        self.recall();
    }

    /// Takes what is known from earlier calls, where it ended before it came to that.
    fn recall(&mut self) {
        let mut open = Vec::new();
        while let Some(group) = next(&self.known.groups, &self.known.results, &open) {
            let key = self
                .site(&group)
                .and_then(|site| verdict_key(self.bench, (&site, &self.bench.release), None));
            match key.ok().and_then(|key| self.verdicts.known(&key, 0)) {
                Some(seen) => self.known.take(group, seen),
                None => open.push(group),
            }
        }
    }

    fn site(&self, group: &Group) -> Result<Site, Failure> {
        self.mutants.site(&settings(self.mutants, group))
    }

    /// True once nothing more is begun.
    fn is_over(&mut self) -> bool {
        let why = if self.stop.is_requested() {
            Some(Ended::Failure(self.stop.failure()))
        } else {
            self.limits.reached(self.begun, self.begin.elapsed()).map(Ended::Limit)
        };
        self.ended = self.ended.take().or(why);
        self.ended.is_some()
    }

    fn hear(&mut self, group: &Group) {
        let first = group[0];
        let mutant = self.known.mutant(first, &self.mutants.planned);
        if let Err(failure) = (self.listen)(&mutant, group.len() - 1) {
            self.ended.get_or_insert(Ended::Failure(failure));
        }
    }
}

impl Planner for Exploration<'_> {
    type Trial = Group;
    type Result = Result<Seen, Failure>;

    fn next(&mut self, running: &[Group]) -> Option<Group> {
        loop {
            let group = next(&self.known.groups, &self.known.results, running)?;
            let known = self.site(&group).and_then(|site| {
                let key = verdict_key(self.bench, (&site, &self.bench.release), None)?;
                Ok(self.verdicts.known(&key, 0))
            });
            match known {
                Ok(Some(seen)) => self.known.take(group.clone(), seen),
                Ok(None) if self.is_over() => return None,
                Ok(None) => {
                    self.begun += 1;
                    return Some(group);
                }
                Err(failure) => self.known.could_not(group.clone(), failure.message),
            }
            self.hear(&group);
        }
    }

    fn take(&mut self, group: Group, result: Result<Seen, Failure>) {
        match result {
            Ok(seen) => {
                self.failures = 0;
                self.known.take(group.clone(), seen);
            }
            Err(failure) if self.stop.is_requested() => {
                self.ended = Some(Ended::Failure(failure));
                return;
            }
            Err(failure) => {
                self.failures += 1;
                if self.failures >= MOST_FAILURES {
                    self.ended = Some(Ended::Failure(failure.clone()));
                }
                self.known.could_not(group.clone(), failure.message);
            }
        }
        self.hear(&group);
    }
}

fn settings(mutants: &Mutants, group: &Group) -> Vec<String> {
    group.iter().flat_map(|place| mutants.planned[*place].settings.clone()).collect()
}

/// How much speaks for that somebody notices a mutant: nothing where its key was not seen to be touched.
fn suspicion(planned: &Planned, observed: &Observed) -> u32 {
    let key = planned.traits.first().map_or("", String::as_str);
    if observed.missing.is_none() && observed.touches(key).is_empty() {
        return 0;
    }
    let of_origin = match planned.origin {
        Origin::Adversity => 3,
        Origin::OtherSite(_) => 2,
        Origin::Plain => 1,
    };
    let of_key = match key.split('.').next().unwrap_or_default() {
        "env" | "tls" => 30,
        "services" | "outside" => 20,
        "files" | "data" | "wsgi" | "proxy" => 10,
        _ => 0,
    };
    of_key + of_origin
}
