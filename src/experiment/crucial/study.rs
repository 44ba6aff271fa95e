//! The study of one site: the unchanged site, what it touches, its mutants, and what follows from all of it.

use std::time::Instant;

use super::answer::{Baseline, Crucial, Observed, SCHEMA, TimedTest};
use super::explore::{Ended, Exploration};
use super::fold::fold;
use super::mutants::{Declared, Mutants};
use super::words::{head, line};
use crate::cancel::Stop;
use crate::event;
use crate::experiment::bench::{Bench, Seen};
use crate::experiment::limits::Limits;
use crate::experiment::verdicts::{Verdicts, verdict_key};
use crate::failure::Failure;
use crate::rehearsal::{Until, environment_of};
use crate::release::Release;
use crate::run::path_from_here;
use crate::site::{Project, PythonVersion, ServerOrigin, Site, WsgiServer};

/// A site whose traits are tried.
#[derive(Debug)]
pub struct Study<'a> {
    pub project: &'a Project,
    pub site: &'a Site,
    /// Only mutants of these keys, or of what is below them; of all where there is none.
    pub only: &'a [String],
    pub limits: Limits,
    pub stop: &'a Stop,
}

/// What a study came to.
#[derive(Debug)]
pub struct Studied {
    pub crucial: Crucial,
    /// What the description says of itself.
    pub declared: Declared,
    /// Why it ended early, where that is a failure.
    pub failure: Option<Failure>,
}

impl Study<'_> {
    /// Rehearses the site with a release until all is known, or a limit is reached; `tell` gets what goes on.
    ///
    /// # Errors
    /// Usage: the unchanged site is not green. Infrastructure, before the first mutant; and those of `tell`.
    pub async fn explore(
        &self,
        release: Release,
        mut tell: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Studied, Failure> {
        let begin = Instant::now();
        let Study { project, site, only, limits, stop } = *self;
        let verdicts = Verdicts::of(&project.root)?;
        let mut mutants = Mutants::of(project, site)?;
        if !only.is_empty() {
            mutants.retain(only);
            if mutants.planned.is_empty() {
                let message =
                    format!("nothing of {} can be changed at {}", site.name, only.join(", "));
                return Err(Failure::usage(message).hint(
                    "its keys are those of `.stagectl/crucial/SITE.json`, and of its description",
                ));
            }
        }
        let bench = bench(project, &mutants, release);
        tell(&format!("{}: as it is, and what it touches\n", site.name))?;
        let baseline = self.baseline(&bench, &verdicts).await?;
        let observed = self.observed(&bench).await?;
        if is_old_gunicorn(site, &baseline.installed) {
            mutants.planned.retain(|one| one.traits.first().is_none_or(|key| key != "host.clock"));
        }
        let passed = baseline.found.passed.iter();
        let tests: Vec<TimedTest> = passed
            .map(|(name, seconds)| TimedTest { name: name.clone(), seconds: *seconds })
            .collect();
        tell(&head(site.name.as_str(), mutants.planned.len(), mutants.count_keys(), tests.len()))?;
        let mut exploration = Exploration::new(
            (&bench, &verdicts),
            (&mutants, &observed, tests.iter().map(|test| test.name.clone()).collect()),
            (limits, begin),
            stop,
            |mutant, others| tell(&line(mutant, others)),
        );
        exploration.run().await;
        let ended = exploration.ended.take();
        let known = &exploration.known;
        let tried: Vec<_> =
            (0..mutants.planned.len()).map(|place| known.mutant(place, &mutants.planned)).collect();
        let (traits, score) = fold(&tried, &observed, &mutants.declared.uncovered);
        let rehearsals = known.seen.len() + 1;
        let crucial = Crucial {
            schema: SCHEMA.to_owned(),
            stagectl: env!("CARGO_PKG_VERSION").to_owned(),
            site: site.name.to_string(),
            environment: environment_of(site),
            release: event::Release {
                name: bench.release.name.clone(),
                version: bench.release.version.clone().unwrap_or_default(),
                digest: bench.release.digest.clone(),
                path: path_from_here(&bench.release.path),
            },
            baseline: Baseline {
                run: baseline.run.clone(),
                seconds: baseline.took.as_secs_f64(),
                tests,
            },
            observed,
            mutants: tried,
            traits,
            score,
            rehearsals,
            seconds: begin.elapsed().as_secs_f64(),
            ended: ended.as_ref().map(|ended| ended.message().to_owned()),
        };
        drop(exploration);
        let failure = match ended {
            Some(Ended::Failure(failure)) => Some(failure),
            Some(Ended::Limit(_)) | None => None,
        };
        Ok(Studied { crucial, declared: mutants.declared, failure })
    }

    /// What the unchanged site touches, as one rehearsal shows it; that of an earlier call where nothing has changed.
    async fn observed(&self, bench: &Bench) -> Result<Observed, Failure> {
        let Study { project, site, stop, .. } = *self;
        let is_same = |one: &Crucial| {
            one.environment == environment_of(site)
                && one.release.digest == bench.release.digest
                && one.stagectl == env!("CARGO_PKG_VERSION")
                && one.observed.missing.is_none()
        };
        let known = Crucial::read(&project.root, site.name.as_str());
        if let Some(known) = known.as_ref().filter(|known| is_same(known)) {
            return Ok(known.observed.clone());
        }
        let (seen, lines) = Box::pin(bench.observe(site, stop)).await?;
        if let Some(red) = seen.signature {
            let said = seen.found.says.unwrap_or(red.says);
            let why = format!("observed, the site is not green, as it is by itself: {said}");
            return Ok(Observed { missing: Some(why), ..Observed::default() });
        }
        let variables = project.sites.iter().flat_map(|other| other.env.keys().cloned());
        let observed = Observed::of(site, &variables.collect(), &lines);
        let is_of_release = |known: &&Crucial| known.release.digest == bench.release.digest;
        Ok(match known.as_ref().filter(is_of_release) {
            Some(known) if observed.missing.is_none() => observed.and_earlier(&known.observed),
            _ => observed,
        })
    }

    /// The unchanged site, which has to be green.
    async fn baseline(&self, bench: &Bench, verdicts: &Verdicts) -> Result<Seen, Failure> {
        let key = verdict_key(bench, (self.site, &bench.release), None)?;
        // One that was red is asked for again: who calls once more thinks it green now.
        let mut known = (0..).map_while(|number| verdicts.known(&key, number));
        let green = known.find(|seen| !seen.found.passed.is_empty() && seen.signature.is_none());
        let seen = if let Some(seen) = green {
            seen
        } else {
            let seen =
                Box::pin(bench.rehearse((self.site, &bench.release), None, self.stop)).await?;
            verdicts.keep(&key, &seen)?;
            seen
        };
        match &seen.signature {
            None => Ok(seen),
            Some(red) => {
                let name = &self.site.name;
                let said = seen.found.says.as_ref().unwrap_or(&red.says);
                let message = format!("{name} is not green as it is: {said}");
                Err(Failure::usage(message)
                    .cause(format!("its rehearsal is in {}", seen.folder))
                    .hint(format!(
                        "find out why: `stagectl rehearse {name}`, `stagectl why {name}`"
                    )))
            }
        }
    }
}

/// Whether its server is a gunicorn before 22: where the clock is shifted it ends its workers, as the times of files are
/// real, and no live host does.
fn is_old_gunicorn(site: &Site, installed: &[String]) -> bool {
    let major = |line: &String| {
        let version = line.strip_prefix("gunicorn==")?;
        version.split('.').next()?.parse::<u32>().ok()
    };
    site.wsgi.server == WsgiServer::Gunicorn
        && match site.wsgi.from {
            ServerOrigin::Index => installed.iter().find_map(major).is_some_and(|it| it < 22),
            // Debian 13, with Python 3.13, is the first that has a later one.
            ServerOrigin::Distribution => site.python < PythonVersion { major: 3, minor: 13 },
        }
}

/// How mutants are rehearsed: to the end, with the whole suite, on an empty site.
fn bench(project: &Project, mutants: &Mutants, release: Release) -> Bench {
    let mut project = project.clone();
    // The root is good for the names of all of them.
    let sites = mutants.planned.iter().filter_map(|one| mutants.site(&one.settings).ok());
    project.sites.extend(sites);
    Bench { project, release, arguments: Vec::new(), until: Until::End }
}

#[cfg(test)]
mod tests {
    use super::is_old_gunicorn;
    use crate::replica::fixture::{DESK, SHOP, Stand};

    #[test]
    fn a_gunicorn_before_22_is_known_by_what_is_installed() {
        let installed = |version: &str| ["flask==3.1.2".to_owned(), format!("gunicorn=={version}")];
        let of_index = SHOP.replace("from: distribution", "from: index");
        let stand = Stand::new(&[("shop", &of_index)]);
        assert!(is_old_gunicorn(stand.site(), &installed("21.2.0")));
        assert!(is_old_gunicorn(stand.site(), &installed("20.1")));
        assert!(!is_old_gunicorn(stand.site(), &installed("23.0.0")));
        assert!(!is_old_gunicorn(stand.site(), &[]));
        // That of Debian 12 is 20.1.
        assert!(is_old_gunicorn(Stand::new(&[("shop", SHOP)]).site(), &[]));
        assert!(!is_old_gunicorn(Stand::new(&[("desk", DESK)]).site(), &installed("20.1")));
    }
}
