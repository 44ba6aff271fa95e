//! `stagectl cover`: the fewest sites that have every value of every trait.

use serde_json::json;

use super::context::{Aside, Context, chosen};
use super::covering::WeighArgs;
use crate::display::{columns, print_data};
use crate::experiment::{Chosen, Cover};
use crate::failure::{Failure, Verdict};
use crate::site::SiteName;

/// The version of what `--output json` writes.
const SCHEMA: &str = "stagectl-cover/1";
/// Keys of a site that a line names.
const MOST_NAMED: usize = 3;

/// Show the fewest sites that together have every value of every trait of all
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  stagectl cover\n  stagectl cover --except env.TITLE --except base.timezone"
)]
pub(super) struct CoverArgs {
    /// Sites among which they are chosen; all when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    #[command(flatten)]
    weighed: WeighArgs,
}

pub(super) fn cover(args: CoverArgs, context: &Context) -> Result<Verdict, Failure> {
    let project = context.project_of(&args.sites, Aside::Said)?;
    let sites = chosen(&project, &args.sites)?;
    let cover = args.weighed.cover(&sites, &project)?;
    if context.output.is_json() {
        let mut json = json!({"schema": SCHEMA});
        if let (Some(into), Ok(serde_json::Value::Object(cover))) =
            (json.as_object_mut(), serde_json::to_value(&cover))
        {
            into.extend(cover);
        }
        print_data(&format!("{json:#}\n"))?;
    } else {
        print_data(&in_words(&cover))?;
    }
    Ok(Verdict::Passed)
}

fn in_words(cover: &Cover) -> String {
    let all = cover.sites.len() + cover.left_out.len();
    let mut text = format!(
        "{all} {} in {} keys, which have {} values\n{} of them {} every value, and {} % of the pairs of values\n\n",
        if all == 1 { "site differs" } else { "sites differ" },
        cover.traits,
        cover.values,
        cover.sites.len(),
        if cover.sites.len() == 1 { "has" } else { "have" },
        cover.pairs.percent()
    );
    let time = |seconds: Option<f64>| {
        seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}s"))
    };
    let mut rows = vec![["SITE", "LAST", "NEEDED FOR"].map(str::to_owned)];
    rows.extend(
        cover.sites.iter().map(|site| [site.name.clone(), time(site.seconds), needed_for(site)]),
    );
    rows.extend(
        cover
            .left_out
            .iter()
            .map(|site| [site.name.clone(), time(site.seconds), "left out".to_owned()]),
    );
    text.push_str(&columns(&rows));
    text.push('\n');
    if !cover.is_proven {
        text.push_str(
            "whether fewer would do was not found out: there are too many that are alike\n",
        );
    }
    if let Some(first) = cover.all_differ.first() {
        text.push_str(&format!(
            "no two sites are alike in {}: where that does not matter, `--except {first}`\n",
            cover.all_differ.join(", ")
        ));
    }
    if !cover.left_out.is_empty() {
        text.push_str(
            "rehearse on these, and on the others in their turn: `stagectl rehearse --cover`\n",
        );
    }
    text
}

/// What no other site of the chosen ones has.
fn needed_for(site: &Chosen) -> String {
    let named = &site.alone_in[..site.alone_in.len().min(MOST_NAMED)];
    match site.alone_in.len() - named.len() {
        0 if named.is_empty() => "being the fastest".to_owned(),
        0 => named.join(", "),
        more => format!("{}, and {more} more", named.join(", ")),
    }
}
