//! `stagectl check`: reads every description; needs no Docker.

use serde_json::{Value, json};

use super::beforehand::look_beforehand;
use super::context::{Aside, Context, SettingArgs, chosen};
use crate::display::{print_data, say_failure, say_warnings};
use crate::failure::{Failure, Kind, Verdict};
use crate::rehearsal::environment_of;
use crate::site::{SiteName, Tls};

/// The version of what `--output json` writes.
const SCHEMA: &str = "stagectl-check/1";

/// Check the descriptions: every problem of every file, without Docker
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  stagectl check\n  stagectl check site-a")]
pub(super) struct CheckArgs {
    /// Sites to check; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    #[command(flatten)]
    settings: SettingArgs,
}

pub(super) fn check(args: CheckArgs, context: &Context) -> Result<Verdict, Failure> {
    if context.output.is_json() {
        return check_for_programs(&args, context);
    }
    let project = context.project_with(&args.sites, &args.settings, Aside::Said)?;
    let sites = chosen(&project, &args.sites)?;
    let mut text = String::new();
    let mut warnings = look_beforehand(&project, &sites, project.release.as_deref())?;
    for site in &sites {
        let own = site.tls.iter().flat_map(Tls::warnings);
        warnings.extend(own.map(|warning| format!("{}: {warning}", site.name)));
        let summary = site.summary.as_deref().unwrap_or("");
        let environment = environment_of(site);
        let environment = environment.get(..12).unwrap_or_default();
        let line = format!("{:<14} {environment}  {summary}", site.name);
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    let count =
        if let [_] = sites[..] { "1 site".into() } else { format!("{} sites", sites.len()) };
    let beside = match warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        several => format!(", {several} warnings"),
    };
    text.push_str(&format!("{count} of {}: no problems{beside}\n", project.name));
    print_data(&text)?;
    say_warnings(&warnings, context.output.wish());
    Ok(Verdict::Passed)
}

/// The same as one object, whose problems are where they are; they go to stderr, too.
fn check_for_programs(args: &CheckArgs, context: &Context) -> Result<Verdict, Failure> {
    let checked =
        context.project_with(&args.sites, &args.settings, Aside::Said).and_then(|project| {
            let sites = chosen(&project, &args.sites)?;
            let beforehand = look_beforehand(&project, &sites, project.release.as_deref())?;
            Ok(json!({
                "schema": SCHEMA,
                "project": project.name.to_string(),
                "sites": sites.iter().map(|site| json!({
                    "name": site.name.to_string(),
                    "summary": site.summary,
                    "environment": environment_of(site),
                    "warnings": site.tls.iter().flat_map(Tls::warnings).collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
                "warnings": beforehand,
                "problems": [],
            }))
        });
    let failure = match checked {
        Ok(found) => {
            print_data(&format!("{found:#}\n"))?;
            return Ok(Verdict::Passed);
        }
        Err(failure) if failure.kind != Kind::Usage => return Err(failure),
        Err(failure) => failure,
    };
    let mut problems: Vec<Value> = failure.problems.iter().map(|spot| json!(spot)).collect();
    if problems.is_empty() {
        let hint = failure.hints.first();
        problems.push(json!({
            "file": null, "line": null, "column": null, "key": null,
            "message": failure.message, "hint": hint,
        }));
    }
    let found = json!({"schema": SCHEMA, "project": null, "sites": [], "problems": problems});
    print_data(&format!("{found:#}\n"))?;
    let root = context.root().unwrap_or_default();
    say_failure(&failure, context.output.wish(), &root);
    Ok(Verdict::Not(failure.kind))
}
