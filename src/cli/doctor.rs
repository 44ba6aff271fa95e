//! `stagectl doctor`: whether a rehearsal could work on this machine.

use super::context::Context;
use crate::display::{Mode, Style, Surroundings, Wish, pairs, print_data, width_of_stdout};
use crate::doctor::{Diagnosis, examine};
use crate::doctor::{Facts, Health, Patient};
use crate::failure::{Failure, Kind, Verdict};
use crate::run::Workshop;

/// Say whether a rehearsal can work on this machine, and what is in its way
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stagectl doctor                        each thing with what was seen, and what to do about it
  stagectl doctor --output json          for programs (see stagectl schema doctor)
Exit code 0 when a rehearsal could work, 75 when none can. Passwords in addresses are not shown.")]
pub(super) struct DoctorArgs {}

pub(super) async fn doctor(_args: DoctorArgs, context: &Context) -> Result<Verdict, Failure> {
    let patient = Patient {
        workshop: Workshop::of_this_machine(),
        folder: context.folder()?,
        project: context.project().map(|project| (project.name.to_string(), project.sites.len())),
        surroundings: surroundings(context.output.wish()),
    };
    let diagnosis = examine(&patient).await;
    if context.output.is_json() {
        let json = serde_json::to_value(&diagnosis).unwrap_or_default();
        print_data(&format!("{json:#}\n"))?;
    } else {
        print_data(&format_diagnosis(&diagnosis, width_of_stdout()))?;
    }
    Ok(match diagnosis.health {
        Health::Problem => Verdict::Not(Kind::Infrastructure),
        Health::Ok | Health::Note => Verdict::Passed,
    })
}

fn surroundings(wish: Wish) -> String {
    let around = Surroundings::of_this_process();
    let mode = Mode::choose(&around, wish);
    let how = match (mode.style, around.terminal) {
        (Style::Live, Some(width)) => format!("live, on a terminal of {width} columns"),
        (_, Some(width)) => format!("plain lines, on a terminal of {width} columns"),
        (_, None) => "plain lines, as there is no terminal".to_owned(),
    };
    match around.ci.filter(|ci| !ci.is_empty()) {
        Some(_) => format!("{how}, in CI"),
        None => how,
    }
}

fn format_diagnosis(diagnosis: &Diagnosis, width: usize) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for finding in &diagnosis.findings {
        let verdict = match finding.health {
            Health::Ok => "ok",
            Health::Note => "note",
            Health::Problem => "PROBLEM",
        };
        rows.push((format!("{verdict:<8} {}", finding.name), finding.seen.clone()));
        if let Some(remedy) = &finding.remedy {
            rows.push((String::new(), format!("-> {remedy}")));
        }
    }
    let mut text = pairs(&rows, width);
    text.push_str("\nfor support:\n");
    text.push_str(&pairs(&support(&diagnosis.facts), width));
    let count = |health| diagnosis.findings.iter().filter(|found| found.health == health).count();
    let plural = |number: usize, thing: &str| match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    };
    text.push_str(&match (count(Health::Problem), count(Health::Note)) {
        (0, 0) => "\nall is well: a rehearsal can work here\n".to_owned(),
        (0, notes) => format!("\na rehearsal can work here; {}\n", plural(notes, "note")),
        (problems, _) => format!("\nno rehearsal can work here: {}\n", plural(problems, "problem")),
    });
    text
}

fn support(facts: &Facts) -> Vec<(String, String)> {
    let mut rows = vec![
        ("stagectl".to_owned(), facts.stagectl.clone()),
        (
            "system".to_owned(),
            format!("{}, Linux {}, {}", facts.system, facts.kernel, facts.architecture),
        ),
    ];
    match &facts.docker {
        Some(docker) => rows.push((
            "docker".to_owned(),
            format!(
                "{} (API {}), {}, cgroup {}, on {}, Linux {}, {}",
                docker.version,
                docker.api,
                docker.storage,
                docker.cgroup,
                docker.system,
                docker.kernel,
                docker.architecture
            ),
        )),
        None => rows.push(("docker".to_owned(), "not reached".to_owned())),
    }
    if let (Some(images), Some(bytes)) = (facts.cached_images, facts.cached_bytes) {
        let size = bytesize::ByteSize(bytes);
        rows.push(("cached images".to_owned(), format!("{images}, {size} with what they share")));
    }
    if let (Some(project), Some(sites)) = (&facts.project, facts.sites) {
        rows.push(("project".to_owned(), format!("{project}, sites: {sites}")));
    }
    rows.into_iter().map(|(name, value)| (format!("  {name}"), value)).collect()
}
