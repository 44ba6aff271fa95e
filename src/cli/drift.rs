//! `stagectl drift`: whether descriptions are still true.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::accept::accept;
use super::asked::AskedArgs;
use super::captured::{Captured, read};
use super::context::{Context, chosen};
use crate::cancel::Stop;
use crate::capture::{Way, Wishes};
use crate::display::print_data;
use crate::drift::{
    Compared, Drift, Look, Sides, Weight, beyond, compare, in_words, junit, last_look, locked,
    page, with_extra,
};
use crate::experiment::crucial::{Crucial, Standing as Found};
use crate::failure::{Failure, Kind, Verdict};
use crate::report::{description_in, rehearsal_of};
use crate::site::{Project, Site, SiteName, value_of_yaml, written};

/// Compare descriptions with their live hosts, key by key, and with what was last built
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stagectl drift                                  every site that says where its host is (`capture.hosts`)
  stagectl drift site-d --host deploy@www.site-d.example
  stagectl drift --junit drift.xml                for a nightly job: exit code 6 where something drifted, 75 where a host
                                                  could not be read
  stagectl drift site-d --accept wsgi.workers     write what the host has into the description")]
pub(super) struct DriftArgs {
    /// Sites to look at; all that say where their hosts are when none is named
    #[arg(value_name = "SITE")]
    sites: Vec<SiteName>,
    /// The site's host, or hosts, instead of `capture.hosts`. May be given several times
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<Way>,
    /// What the script said on the site's host, in a file. May be given several times
    #[arg(long, value_name = "FILE", conflicts_with = "hosts")]
    from_file: Vec<PathBuf>,
    #[command(flatten)]
    asked: AskedArgs,
    /// Do not look at the sites from here
    #[arg(long)]
    no_look: bool,
    /// Write what the host has into the description, of these keys; every remark stays
    #[arg(long, value_name = "KEY", num_args = 1..)]
    accept: Vec<String>,
    /// Also write the result as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also write the result as a page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) async fn drift(
    args: DriftArgs,
    context: &Context,
    stop: Stop,
) -> Result<Verdict, Failure> {
    let project = context.project()?;
    let sites = chosen(&project, &args.sites)?;
    let given = !args.hosts.is_empty() || !args.from_file.is_empty();
    if given && args.sites.len() != 1 {
        return Err(Failure::usage("whose host is that?")
            .hint("name the one site that it is of: `stagectl drift site-d --host ...`"));
    }
    if !args.accept.is_empty() && sites.len() != 1 {
        return Err(Failure::usage("of which site is that accepted?")
            .hint("name it: `stagectl drift SITE --accept KEY`; of several, one after the other"));
    }
    let mut drifts = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for site in sites {
        let described = written(&project, site)?;
        let ways = ways_of(&args, &project.root, &described, site)?;
        if ways.is_empty() {
            if !args.sites.is_empty() {
                return Err(Failure::usage(format!("{} does not say where its host is", site.name))
                    .hint("write it: `capture: {hosts: [deploy@www.site.example]}`, or name it with `--host`"));
            }
            left_out.push(site.name.to_string());
            continue;
        }
        let looked = look(&args, &project, (site, &described), &ways, &stop).await;
        let mut looked = looked;
        if let Ok((drift, _)) = &mut looked {
            let settled = accept(&args.accept, &project, (site, &described), drift)?;
            drift.findings.retain(|finding| !settled.contains(&finding.key));
        }
        drifts.push(
            looked
                .map(|(drift, _)| drift)
                .or_else(|failure| unread(failure, site, (&ways, !given), &project.root))?,
        );
    }
    if drifts.is_empty() {
        return Err(Failure::usage("no site says where its host is")
            .hint("write it into the description: `capture: {hosts: [deploy@www.site.example]}`; `stagectl capture` writes it by itself"));
    }
    show(&args, context, &drifts, &left_out)?;
    Ok(verdict(&drifts))
}

/// The worst of what was found: a host that cannot be read is no drift.
fn verdict(drifts: &[Drift]) -> Verdict {
    if drifts.iter().any(|drift| drift.error.is_some()) {
        return Verdict::Not(Kind::Infrastructure);
    }
    let drifted: usize = drifts.iter().map(|drift| drift.drifted().count()).sum();
    if drifted > 0 { Verdict::Not(Kind::Refused) } else { Verdict::Passed }
}

/// The ways to the site's hosts, as they were said here or in its description.
fn ways_of(
    args: &DriftArgs,
    root: &Path,
    described: &Value,
    site: &Site,
) -> Result<Vec<Way>, Failure> {
    if !args.from_file.is_empty() {
        return Ok(args.from_file.iter().map(|file| Way::File(file.clone())).collect());
    }
    if !args.hosts.is_empty() {
        return Ok(args.hosts.clone());
    }
    let hosts =
        described.pointer("/capture/hosts").and_then(Value::as_array).cloned().unwrap_or_default();
    let parse = |host: &Value| {
        let text = host.as_str().unwrap_or_default();
        let way = text.parse::<Way>();
        way.map(|way| way.from_folder(&root.join("environments"))).map_err(|error| {
            Failure::usage(format!("{}: capture.hosts: `{text}`: {error}", site.source.display()))
        })
    };
    hosts.iter().map(parse).collect()
}

/// The hosts as a description has them.
fn hosts_of(ways: &[Way], root: &Path) -> Vec<String> {
    ways.iter().map(|way| way.for_description(root).to_string()).collect()
}

/// How a site's hosts are asked: what its description says, with what was said here over it.
fn asked_of(args: &AskedArgs, described: &Value) -> AskedArgs {
    let said = described.get("capture");
    let text =
        |key: &str| said.and_then(|said| said.get(key)).and_then(Value::as_str).map(str::to_owned);
    let harmless = said
        .and_then(|said| said.get("harmless"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut asked = args.clone();
    asked.unit = asked.unit.or_else(|| text("unit"));
    asked.sudo |= said.and_then(|said| said.get("sudo")).and_then(Value::as_bool).unwrap_or(false);
    asked.harmless.extend(harmless.iter().filter_map(|name| name.as_str().map(str::to_owned)));
    asked
}

/// Reads the hosts, and holds the description against them.
async fn look(
    args: &DriftArgs,
    project: &Project,
    (site, described): (&Site, &Value),
    ways: &[Way],
    stop: &Stop,
) -> Result<(Drift, Captured), Failure> {
    let names = site.names.iter().map(ToString::to_string).collect();
    let wishes = Wishes { site: site.name.to_string(), known_names: names, ..Wishes::default() };
    let captured =
        read(&project.root, ways, &asked_of(&args.asked, described), wishes, !args.no_look, stop)
            .await?;
    if captured.app.process.is_none() && captured.hosts.iter().any(|host| !host.running.is_empty())
    {
        return Err(Failure::infrastructure(format!(
            "{} does not run there now: nothing is known of it",
            captured.app.name
        )));
    }
    let report = rehearsal_of(&project.root, site.name.as_str(), None).ok().flatten();
    let built =
        report.as_ref().and_then(|report| description_in(&project.root, &report.run, &site.name));
    let built = built.and_then(|text| value_of_yaml(&text));
    let crucial = Crucial::read(&project.root, site.name.as_str());
    let weights: BTreeMap<String, Weight> = crucial
        .iter()
        .flat_map(|crucial| &crucial.traits)
        .map(|one| (one.key.clone(), weight(one.standing)))
        .collect();
    let before = last_look(&project.root, site.name.as_str());
    let sides = Sides {
        described,
        live: &captured.description,
        built: built.as_ref(),
        locked: locked(site).map(|pins| with_extra(pins, described)),
        certificate: certificate(project, described),
        unsaid: before.as_ref().map(|look| &look.unsaid),
        texts: texts(project, described),
        weights,
    };
    let Compared { mut findings, count: compared, unknown: not_known } = compare(&sides);
    let now = Timestamp::now();
    before.clone().unwrap_or_default().date(&mut findings, now);
    // What was there at the first look is no news; what is new since stays news until it is accepted.
    let unsaid = match &before {
        Some(look) => look.unsaid.clone(),
        None => beyond(described, &captured.description),
    };
    Look::of(&findings, &captured.description.marks, unsaid, now)
        .keep(&project.root, site.name.as_str())?;
    let drift = Drift {
        site: site.name.to_string(),
        hosts: hosts_of(ways, &project.root),
        compared,
        findings,
        not_known,
        not_read: captured.description.not_readable.clone(),
        run: report.map(|report| report.run),
        error: None,
    };
    Ok((drift, captured))
}

fn weight(standing: Found) -> Weight {
    match standing {
        Found::Crucial | Found::DiagnosisOnly => Weight::Crucial,
        Found::NotUsed => Weight::NotUsed,
        Found::NotNoticed | Found::Unknown => Weight::Unknown,
    }
}

/// The certificates of the file that `like` names.
fn certificate(project: &Project, described: &Value) -> Option<Vec<Vec<u8>>> {
    let like = described.pointer("/tls/certificate/like")?.as_str()?;
    let text = std::fs::read(project.root.join("environments").join(like)).ok()?;
    let all = pem::parse_many(text).ok()?;
    Some(
        all.into_iter()
            .filter(|one| one.tag() == "CERTIFICATE")
            .map(pem::Pem::into_contents)
            .collect(),
    )
}

/// The texts of the files that the description names, as far as they were captured.
fn texts(project: &Project, described: &Value) -> BTreeMap<String, String> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (key, pointer) in [("proxy.config", "/proxy/config"), ("wsgi.config", "/wsgi/config")] {
        if let Some(path) = described.pointer(pointer).and_then(Value::as_str) {
            named.push((key.to_owned(), path.to_owned()));
        }
    }
    for file in described.get("files").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| file.get(key).and_then(Value::as_str);
        if let (Some(path), Some(source)) = (text("path"), text("source").or(text("template"))) {
            named.push((format!("files.{path}"), source.to_owned()));
        }
    }
    let read = named.into_iter().filter_map(|(key, path)| {
        let text = std::fs::read_to_string(project.root.join("environments").join(path)).ok()?;
        // A whole file of the team's own is not what `capture` makes of it.
        (key != "proxy.config" || text.starts_with("# Of ")).then_some((key, text))
    });
    read.collect()
}

/// A host that cannot be read is a result of its own; a wrong question is not.
fn unread(
    failure: Failure,
    site: &Site,
    (ways, are_described): (&[Way], bool),
    root: &Path,
) -> Result<Drift, Failure> {
    // Of a host that the description names nobody asked wrongly.
    if failure.kind != Kind::Infrastructure && !(failure.kind == Kind::Usage && are_described) {
        return Err(failure);
    }
    let mut error = failure.message.clone();
    error.extend(failure.causes.iter().map(|cause| format!(": {cause}")));
    Ok(Drift {
        site: site.name.to_string(),
        hosts: hosts_of(ways, root),
        compared: 0,
        findings: Vec::new(),
        not_known: Vec::new(),
        not_read: failure.hints,
        run: None,
        error: Some(error),
    })
}

fn show(
    args: &DriftArgs,
    context: &Context,
    drifts: &[Drift],
    left_out: &[String],
) -> Result<(), Failure> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|error| {
            Failure::infrastructure(format!("could not write {}", path.display())).because(&error)
        })
    };
    if let Some(path) = &args.junit {
        write(path, junit(drifts)?)?;
    }
    if let Some(path) = &args.html {
        let when = Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
        write(path, page(drifts, &when)?)?;
    }
    if context.output.is_json() {
        let json = serde_json::json!({"sites": drifts, "not_asked": left_out});
        return print_data(&format!("{json:#}\n"));
    }
    let mut text: String = drifts.iter().map(in_words).collect();
    if !left_out.is_empty() {
        text.push_str(&format!(
            "{}  not asked: no `capture.hosts` in the description\n",
            left_out.join(", ")
        ));
    }
    print_data(&text)
}
