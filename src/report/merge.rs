//! One report out of several, of runs that shared the sites of a release.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::model::{Ending, MergedRun, Report, SCHEMA, SiteReport, Warning};
use super::recorded::{json_of, reports_at};
use super::seconds::finite;
use crate::event::{Goal, Inventory};
use crate::failure::{Failure, Kind, Verdict};
use crate::site::SiteName;

/// A report that was read back, and the folder in which it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub folder: PathBuf,
    pub report: Report,
}

impl Recorded {
    /// The reports that a path leads to: a file, a run's folder, a folder with runs below it.
    ///
    /// # Errors
    /// Usage: no such path, or a report that is none or too new.
    pub fn all_at(path: &Path) -> Result<Vec<Recorded>, Failure> {
        reports_at(path)?.iter().map(|file| Recorded::read(file)).collect()
    }

    fn read(file: &Path) -> Result<Recorded, Failure> {
        let value = json_of(file)?;
        let unreadable = || Failure::usage(format!("could not read {}", file.display()));
        let version =
            value["schema"].as_str().and_then(|text| text.strip_prefix("stagectl-report/"));
        match version.and_then(|version| version.parse::<u32>().ok()) {
            Some(1) => {}
            Some(_) => {
                let schema = value["schema"].as_str().unwrap_or_default();
                return Err(unreadable()
                    .cause(format!(
                        "it is of a newer stagectl: {schema}, and this one knows {SCHEMA}"
                    ))
                    .hint("use the newest stagectl of all that wrote the reports"));
            }
            None => {
                return Err(unreadable()
                    .cause("it is no report of stagectl")
                    .hint("name the `report.json` of a run"));
            }
        }
        let mut report: Report =
            serde_json::from_value(value).map_err(|error| unreadable().because(&error))?;
        report.seconds = finite(report.seconds);
        for site in &mut report.sites {
            // It becomes a part of a path.
            if site.name.parse::<SiteName>().is_err() {
                return Err(unreadable().cause(format!("`{}` is no name of a site", site.name)));
            }
            site.seconds = finite(site.seconds);
            for phase in &mut site.phases {
                phase.seconds = finite(phase.seconds);
                phase.at = phase.at.map(finite);
            }
            for span in &mut site.timeline {
                (span.at, span.seconds) = (finite(span.at), finite(span.seconds));
            }
        }
        let folder = file.parent().map_or_else(|| Path::new(".").to_owned(), Path::to_owned);
        Ok(Recorded { folder, report })
    }

    /// When it began, to hold it against others.
    fn began(&self) -> (Option<Timestamp>, &str) {
        (parse_start(&self.report), &self.report.run)
    }
}

fn parse_start(report: &Report) -> Option<Timestamp> {
    report.started.as_deref().and_then(|text| text.parse().ok())
}

/// What became of several reports.
#[derive(Debug)]
pub struct Merged {
    pub report: Report,
    /// By site, in the report's order, the folder in which its evidence lies.
    pub evidence: Vec<(String, PathBuf)>,
    pub verdict: Verdict,
}

impl Merged {
    /// Says where no run has left a report: nobody knows what became of it.
    pub fn nothing_in(&mut self, folders: Vec<String>) {
        for folder in folders {
            push(&mut self.report.warnings, &format!("there is no report in {folder}"));
            self.verdict = self.verdict.and(Verdict::Not(Kind::NoResult));
        }
        self.report.verdict = self.verdict.into();
        self.report.code = Some(self.verdict.code());
    }

    /// Writes down where the merged report and the evidence of the sites are now.
    pub fn lies_in(&mut self, folder: &str) {
        self.report.folder = Some(folder.to_owned());
        for site in self.report.sites.iter_mut().filter(|site| site.evidence.is_some()) {
            site.evidence = Some(format!("{folder}/{}/", site.name));
        }
    }
}

/// One report of all. Of a site that is in several, the later result counts; a site in `expected` that
/// no run reported on makes it red. `run` names the merged report.
///
/// # Errors
/// Usage: reports of another project, another release, or of no rehearsal.
pub fn merge(mut all: Vec<Recorded>, expected: &[String], run: String) -> Result<Merged, Failure> {
    all.sort_by(|one, two| one.began().cmp(&two.began()));
    all.dedup_by(|one, two| one.report.run == two.report.run);
    belong_together(&all)?;
    let Some(first) = all.first().map(|first| &first.report) else {
        return Err(Failure::usage("there is no report to merge"));
    };
    let begin = parse_start(first);
    let mut merged = Report {
        run,
        goal: Goal::Rehearse,
        started: first.started.clone(),
        project: first.project.clone(),
        release: first.release.clone(),
        inventory: Some(Inventory::default()),
        ..Report::default()
    };
    let mut verdict = Verdict::Passed;
    let mut evidence = Vec::new();
    for name in names(&all, expected) {
        let Some((site, source)) = chosen(&all, &name, &mut merged.warnings) else {
            warn(&mut merged.warnings, "no run reported on it".to_owned(), &name);
            verdict = verdict.and(Verdict::Not(Kind::NoResult));
            merged.sites.push(SiteReport::without_turn(&name));
            continue;
        };
        verdict = verdict.and(judge_site(site, source));
        let mut site = site.clone();
        let offset = seconds_between(begin, parse_start(&source.report));
        for phase in &mut site.phases {
            phase.at = phase.at.map(|at| finite(at + offset));
        }
        site.downtime.iter_mut().for_each(|downtime| downtime.delay(offset));
        for span in &mut site.timeline {
            span.at = finite(span.at + offset);
        }
        evidence.push((name, source.folder.clone()));
        merged.sites.push(site);
    }
    for source in &all {
        verdict = verdict.and(beyond_its_sites(&source.report));
        let end = seconds_between(begin, parse_start(&source.report)) + source.report.seconds;
        merged.seconds = finite(merged.seconds.max(end));
        add(&mut merged, &source.report);
    }
    merged.verdict = verdict.into();
    merged.code = Some(verdict.code());
    Ok(Merged { report: merged, evidence, verdict })
}

/// They are rehearsals of one release of one project.
fn belong_together(all: &[Recorded]) -> Result<(), Failure> {
    for Recorded { report, .. } in all {
        if report.goal != Goal::Rehearse {
            return Err(Failure::usage(format!("run {} was no rehearsal", report.run))
                .hint("merge the reports of `stagectl rehearse` alone"));
        }
        let first = &all[0].report;
        if report.project != first.project {
            return Err(Failure::usage("the reports are of different projects")
                .cause(format!("run {} is of {}", first.run, first.project))
                .cause(format!("run {} is of {}", report.run, report.project)));
        }
        let digest = |report: &Report| report.release.as_ref().map(|of| of.digest.clone());
        if digest(report) != digest(first) {
            let describe_release = |report: &Report| {
                let release = report.release.as_ref().map_or_else(
                    || "no release".to_owned(),
                    |of| format!("{} {} ({:.8})", of.name, of.version, of.digest),
                );
                format!("run {} is of {release}", report.run)
            };
            return Err(Failure::usage("the reports are of different releases")
                .cause(describe_release(first))
                .cause(describe_release(report))
                .hint("build the release once, and give every run the same file"));
        }
        let codes = report.sites.iter().map(|site| site.code).chain([report.code]).flatten();
        if let Some(code) = codes.into_iter().find(|code| Verdict::of_code(*code).is_none()) {
            return Err(Failure::usage(format!("run {} has an unknown exit code", report.run))
                .cause(format!("stagectl never ends with {code}")));
        }
    }
    Ok(())
}

/// All sites, in the order in which they were to be rehearsed.
fn names(all: &[Recorded], expected: &[String]) -> Vec<String> {
    let shared = all.iter().filter_map(|source| source.report.partition.as_ref());
    let shared = shared.flat_map(|partition| &partition.sites);
    let reported = all.iter().flat_map(|source| source.report.sites.iter().map(|site| &site.name));
    let mut seen = BTreeSet::new();
    let names = expected.iter().chain(shared).chain(reported);
    names.filter(|name| seen.insert(name.as_str())).cloned().collect()
}

/// The result that counts: the latest, before which no turn at all comes last.
fn chosen<'a>(
    all: &'a [Recorded],
    name: &str,
    warnings: &mut Vec<Warning>,
) -> Option<(&'a SiteReport, &'a Recorded)> {
    let results: Vec<(&SiteReport, &Recorded)> = all
        .iter()
        .filter_map(|source| Some((source.report.sites.iter().find(|s| s.name == name)?, source)))
        .collect();
    let last = results.iter().rev().find(|(site, _)| site.verdict != Ending::NotRun);
    let (site, source) = *last.or(results.last())?;
    for (earlier, other) in &results {
        if other.report.run != source.report.run && earlier.verdict != Ending::NotRun {
            let message = format!(
                "rehearsed more than once: {} in run {}, and {} in run {}, which counts",
                earlier.verdict.name(),
                other.report.run,
                site.verdict.name(),
                source.report.run
            );
            warn(warnings, message, name);
        }
    }
    Some((site, source))
}

/// What a site adds to the verdict. One that had no turn is as its run.
fn judge_site(site: &SiteReport, source: &Recorded) -> Verdict {
    let code = match site.verdict {
        Ending::NotRun => source.report.code.filter(|code| *code != 0),
        Ending::Unfinished => None,
        _ => site.code,
    };
    let verdict = code.and_then(Verdict::of_code).unwrap_or(Verdict::Not(Kind::NoResult));
    count_for_run(site, verdict)
}

/// What a site's own verdict is for the run's.
fn count_for_run(site: &SiteReport, verdict: Verdict) -> Verdict {
    if site.advisory { verdict.of_advice() } else { verdict }
}

/// What a run's verdict says that none of its sites does: something that was left behind at the end,
/// an engine that went away.
fn beyond_its_sites(report: &Report) -> Verdict {
    let of_sites = report
        .sites
        .iter()
        .filter_map(|site| Some(count_for_run(site, site.code.and_then(Verdict::of_code)?)));
    let of_sites = of_sites.fold(Verdict::Passed, Verdict::and);
    let waits = report.sites.iter().any(|site| site.verdict == Ending::NotRun);
    match report.code.and_then(Verdict::of_code) {
        Some(own) if waits || of_sites.and(own) == of_sites => Verdict::Passed,
        Some(own) => own,
        // It never came to its end.
        None => Verdict::Not(Kind::NoResult),
    }
}

/// Adds what is summed up over the runs.
fn add(merged: &mut Report, report: &Report) {
    merged.merged.push(MergedRun {
        run: report.run.clone(),
        part: report.partition.as_ref().map(|partition| partition.part.clone()),
        started: report.started.clone(),
        verdict: report.verdict,
        code: report.code,
        seconds: report.seconds,
        sites: report.sites.iter().map(|site| site.name.clone()).collect(),
    });
    merged.created.extend(report.created.iter().cloned());
    merged.removed.extend(report.removed.iter().cloned());
    merged.left.extend(report.left.iter().cloned());
    merged.inventory =
        sum(merged.inventory, report.inventory.or(report.kept.map(|_| Inventory::default())));
    if report.kept.is_some() {
        merged.kept = sum(Some(merged.kept.unwrap_or_default()), report.kept);
    }
    merged.stopped = merged.stopped.take().or_else(|| report.stopped.clone());
    for warning in &report.warnings {
        if warning.sites.is_empty() {
            push(&mut merged.warnings, &warning.message);
        }
        for site in &warning.sites {
            warn(&mut merged.warnings, warning.message.clone(), site);
        }
    }
}

/// Where one is not known, the sum is not.
fn sum(one: Option<Inventory>, two: Option<Inventory>) -> Option<Inventory> {
    let (one, two) = (one?, two?);
    Some(Inventory {
        containers: one.containers.saturating_add(two.containers),
        networks: one.networks.saturating_add(two.networks),
        volumes: one.volumes.saturating_add(two.volumes),
    })
}

fn push<'a>(warnings: &'a mut Vec<Warning>, message: &str) -> &'a mut Warning {
    let known = warnings.iter().position(|warning| warning.message == message);
    let index = known.unwrap_or_else(|| {
        warnings.push(Warning { message: message.to_owned(), sites: Vec::new() });
        warnings.len() - 1
    });
    &mut warnings[index]
}

fn warn(warnings: &mut Vec<Warning>, message: String, site: &str) {
    let sites = &mut push(warnings, &message).sites;
    if !sites.iter().any(|known| known == site) {
        sites.push(site.to_owned());
    }
}

fn seconds_between(begin: Option<Timestamp>, end: Option<Timestamp>) -> f64 {
    match (begin, end) {
        (Some(begin), Some(end)) => finite(end.duration_since(begin).as_secs_f64()),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
