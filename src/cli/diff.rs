//! `stagectl diff`: where two environments differ, without Docker.

use super::context::{Aside, Context};
use crate::display::{columns, print_data};
use crate::failure::{Failure, Verdict};
use crate::report::{Built, folded};
use crate::site::{Difference, SiteName, differences};

/// Show the keys in which the environments of two sites differ, and what each has there
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl diff site-a site-b\n  stagectl diff site-a site-b --built"
)]
pub(super) struct DiffArgs {
    /// The one site
    #[arg(value_name = "SITE")]
    one: SiteName,
    /// The other site
    #[arg(value_name = "OTHER")]
    two: SiteName,
    /// Also show what was really built, as the last runs found it: packages, Python packages, files,
    /// OpenSSL, what clients saw of the certificates
    #[arg(long)]
    built: bool,
    /// The other site with the certificate that comes next (`tls.next`); it may be the same site
    #[arg(long, conflicts_with = "built")]
    next_certificate: bool,
}

pub(super) fn diff(args: DiffArgs, context: &Context) -> Result<Verdict, Failure> {
    let both = [args.one.clone(), args.two.clone()];
    let project = context.project_of(&both, Aside::Unsaid)?;
    let mut next = context.project_of(&both, Aside::Unsaid)?;
    if args.next_certificate {
        next.change_certificates(std::slice::from_ref(&args.two))?;
    }
    let (one, two) = (project.site(&args.one)?, next.site(&args.two)?);
    let found: Vec<Difference> = differences(one, two)
        .into_iter()
        .map(|difference| difference.within(&project.root))
        .collect();
    let of = |site| Built::last(&project.root, site);
    let built = if args.built { Some((of(one)?, of(two)?)) } else { None };
    let after = if args.next_certificate { " (next certificate)" } else { "" };
    let names = [one.name.to_string(), format!("{}{after}", two.name)];
    if context.output.is_json() {
        let [one, two] = &names;
        let mut json = serde_json::json!({"one": one, "two": two, "described": found});
        if let Some((one, two)) = &built {
            json["built"] = serde_json::json!(one.differences(two));
            json["runs"] = serde_json::json!([one.run, two.run]);
            json["files_listed"] = serde_json::json!([one.files.is_some(), two.files.is_some()]);
        }
        print_data(&format!("{json:#}\n"))?;
        return Ok(Verdict::Passed);
    }
    let mut text = if found.is_empty() {
        format!("{} and {} are the same environment\n", names[0], names[1])
    } else {
        table("KEY", &names, found)
    };
    if let Some((one, two)) = &built {
        let found = folded(one.differences(two));
        text.push_str(&format!("\nas built in the runs {} and {}\n", one.run, two.run));
        if found.is_empty() {
            text.push_str("nothing differs\n");
        } else {
            text.push_str(&table("FOUND", &names, found));
        }
        for (site, built) in names.iter().zip([one, two]).filter(|(_, built)| built.files.is_none())
        {
            let run = &built.run;
            text.push_str(&format!(
                "files were not compared: run {run} did not list those of {site}\n"
            ));
        }
    }
    print_data(&text)?;
    Ok(Verdict::Passed)
}

fn table(title: &str, [one, two]: &[String; 2], found: Vec<Difference>) -> String {
    let mut rows = vec![[title.to_owned(), one.clone(), two.clone()]];
    let side_or_dash = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
    rows.extend(
        found
            .into_iter()
            .map(|other| [other.key, side_or_dash(other.one), side_or_dash(other.two)]),
    );
    columns(&rows)
}
