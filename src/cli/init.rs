//! `stagectl init`: a first description of the project at hand.

use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use super::context::{Context, chosen};
use crate::display::{ask, can_ask, columns, print_data};
use crate::draft::{Draft, Findings, Wishes, Written, write};
use crate::failure::{Failure, Kind, Verdict};
use crate::release::Release;
use crate::site::{
    BadValue, DebianSuite, HostName, Placeholder, Project, SiteName, placeholders, suite_meant,
    suite_names,
};

/// Describe a first site of the project at hand, guessed from its files
#[derive(Debug, clap::Args)]
#[command(after_help = "Nothing is overwritten, and nothing of the project is run.

Examples:
  stagectl init                          ask three questions, then write environments/ and tests/critical/
  stagectl init --yes                    ask nothing, and take what was guessed
  stagectl init --site harbour --name www.harbour.example --debian bookworm
Then: stagectl rehearse")]
pub(super) struct InitArgs {
    /// The site's name, and so its file's; `site-a` if left out
    #[arg(long, value_name = "NAME")]
    site: Option<SiteName>,
    /// What the world calls the site, as in www.shop.org; what the project's settings allow, or
    /// `www.NAME.example`, if left out
    #[arg(long, value_name = "HOST")]
    name: Option<PublicName>,
    /// The Debian of the live host, by its code name or number; the one with the project's Python if
    /// left out
    #[arg(long, value_name = "SUITE")]
    debian: Option<LiveDebian>,
    /// Ask nothing, as without a terminal
    #[arg(long, short)]
    yes: bool,
}

/// A Debian as people call it: `bookworm`, `12`, `Debian 12`.
#[derive(Debug, Clone)]
struct LiveDebian(DebianSuite);

impl FromStr for LiveDebian {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        suite_meant(text).map(LiveDebian)
    }
}

/// A host's name, and no address.
#[derive(Debug, Clone)]
struct PublicName(HostName);

impl FromStr for PublicName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.parse::<IpAddr>().is_ok() {
            return Err(format!(
                "`{text}` is an address; a site goes by its name, such as www.shop.example"
            ));
        }
        text.parse().map(PublicName).map_err(|error: BadValue| error.to_string())
    }
}

pub(super) fn init(args: InitArgs, context: &Context) -> Result<Verdict, Failure> {
    let root = context.folder()?;
    is_new(&root)?;
    let findings = Findings::of(&root);
    if findings.is_empty() {
        return Err(Failure::usage(format!("there is no Python project in {}", root.display()))
            .hint("go to the folder of the app, or name it with `-C`"));
    }
    is_an_app_itself(&root, &findings)?;
    let asks = !args.yes && can_ask();
    let wishes = wishes(args, &findings, asks);
    let described = describe(&root, &findings, &wishes).or_else(|failure| {
        if failure.kind != Kind::Usage {
            return Err(failure);
        }
        // What lies beside the sources may say what no description can; the sources alone do not.
        let findings = findings.without_what_is_at_hand();
        let (mut draft, written, notes) =
            describe(&root, &findings, &wishes).map_err(|_| failure.clone())?;
        draft.notes.push(format!(
            "what Compose and the Dockerfile say was not taken: {}",
            failure.causes.first().map_or("", String::as_str)
        ));
        Ok((draft, written, notes))
    });
    let (draft, written, notes) = described.map_err(|failure: Failure| {
        // Answers are typed once.
        if asks { failure.hint(again(&wishes)) } else { failure }
    })?;
    let placeholders = placeholders(&root, std::slice::from_ref(&wishes.site));
    if context.output.is_json() {
        let guesses: Vec<serde_json::Value> = draft
            .guesses
            .iter()
            .map(|guess| serde_json::json!({"what": guess.what, "why": guess.why}))
            .collect();
        let notes: Vec<&String> = draft.notes.iter().chain(&notes).collect();
        let json = serde_json::json!({"written": written.files, "guesses": guesses, "notes": notes,
                "placeholders": placeholders.iter().map(edit).collect::<Vec<_>>()});
        print_data(&format!("{json:#}\n"))?;
    } else {
        print_data(&describe_result(
            &draft,
            &written.files,
            &notes,
            &placeholders,
            context.start(),
        ))?;
    }
    Ok(Verdict::Passed)
}

/// Writes the description, and takes it away again where it is not a good one.
fn describe(
    root: &Path,
    findings: &Findings,
    wishes: &Wishes,
) -> Result<(Draft, Written, Vec<String>), Failure> {
    let draft = findings.draft(wishes);
    let written = write(root, &draft.files)?;
    let loaded = Project::load(root, |_| None).map_err(Failure::from);
    match loaded.and_then(|project| beyond(&project, wishes)) {
        Ok(notes) => Ok((draft, written, notes)),
        Err(failure) => {
            written.undo();
            let mut problem =
                Failure::usage("the description that was made has problems: nothing was written");
            problem.causes.extend(failure.message.lines().map(str::to_owned));
            problem.causes.extend(failure.causes);
            Err(problem)
        }
    }
}

/// The answers as a command, which asks for none of them again.
fn again(wishes: &Wishes) -> String {
    format!(
        "the same answers once more: `stagectl init --site {} --name {} --debian {}`",
        wishes.site, wishes.name, wishes.debian
    )
}

/// A folder above several projects is none of them.
fn is_an_app_itself(root: &Path, findings: &Findings) -> Result<(), Failure> {
    let below = findings.projects_below();
    let Some(first) = below.first() else { return Ok(()) };
    Err(Failure::usage(format!(
        "the app is not in {} itself, but below it: {}",
        root.display(),
        below.join(", ")
    ))
    .hint(format!("name the folder of the app: `stagectl -C {first} init`")))
}

/// A line to be edited.
fn edit(placeholder: &Placeholder) -> String {
    format!("{}  {} is `{}`", placeholder.place, placeholder.key, placeholder.value)
}

/// A folder that has descriptions is not described anew.
fn is_new(root: &Path) -> Result<(), Failure> {
    let entries = std::fs::read_dir(root.join("environments")).into_iter().flatten().flatten();
    let mut there: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "yaml" || end == "yml"))
        .collect();
    there.sort();
    let Some(first) = there.iter().find(|name| !name.starts_with("defaults.")).or(there.first())
    else {
        return Ok(());
    };
    let site = first.rsplit_once('.').map_or(first.as_str(), |(stem, _)| stem);
    let shown = there.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    Err(Failure::usage(format!(
        "environments/ is there already, with {shown}: nothing was written"
    ))
    .hint(format!(
        "describe another site like one of them: `stagectl site new NAME --like {site}`"
    )))
}

fn wishes(args: InitArgs, findings: &Findings, asks: bool) -> Wishes {
    let suites = suite_names().skip(1).collect::<Vec<_>>().join(", ");
    let default_site: SiteName = "site-a".parse().expect("a site's name");
    let site = args.site.unwrap_or_else(|| {
        let answer =
            asks.then(|| ask("What do you call the site?", default_site.as_str())).flatten();
        answer.unwrap_or(default_site)
    });
    let guessed = findings.names.first().and_then(|name| name.parse().ok());
    let guessed: HostName = guessed.unwrap_or_else(|| {
        format!("www.{site}.example").parse().expect("a site's name is a part of a host's")
    });
    let name = args.name.unwrap_or_else(|| {
        let question = "What does the world call it (its public host name)?";
        let answer = asks.then(|| ask(question, guessed.as_str())).flatten();
        answer.unwrap_or(PublicName(guessed))
    });
    let debian = args.debian.unwrap_or_else(|| {
        let question = format!("Which Debian does its host have ({suites})?");
        let usual = findings.debian.as_str();
        let answer = asks.then(|| ask(&question, usual)).flatten();
        answer.unwrap_or_else(|| LiveDebian(findings.debian.clone()))
    });
    Wishes { site, name: name.0, debian: debian.0 }
}

/// What `check` does not look at: templates, and the release with the site's Python.
fn beyond(project: &Project, wishes: &Wishes) -> Result<Vec<String>, Failure> {
    let sites = chosen(project, &[])?;
    let Some(path) = &project.release else { return Ok(Vec::new()) };
    let supported = Release::open(path).and_then(|release| {
        sites.iter().try_for_each(|site| release.supports_site(&site.name, &site.python))
    });
    Ok(supported
        .err()
        .into_iter()
        .map(|failure| {
            let causes = failure.causes.first().map_or(String::new(), |cause| format!(": {cause}"));
            format!("{}{causes} (environments/{}.yaml)", failure.message, wishes.site)
        })
        .collect())
}

fn describe_result(
    draft: &Draft,
    files: &[String],
    more: &[String],
    placeholders: &[Placeholder],
    start: &Path,
) -> String {
    let mut text = String::new();
    for file in files {
        text.push_str(&format!("wrote {file}\n"));
    }
    text.push_str("\nguessed, each to be changed in these files:\n");
    let rows: Vec<[String; 2]> = draft
        .guesses
        .iter()
        .map(|guess| [format!("  {}", guess.what), guess.why.clone()])
        .collect();
    text.push_str(&columns(&rows));
    let notes: Vec<&String> = draft.notes.iter().chain(more).collect();
    if !notes.is_empty() {
        text.push_str("\nto be seen to:\n");
        text.extend(notes.iter().map(|note| format!("  {note}\n")));
    }
    let there =
        if start == Path::new(".") { String::new() } else { format!("-C {} ", start.display()) };
    if placeholders.is_empty() {
        text.push_str(&format!("\nnext: stagectl {there}rehearse\n"));
        return text;
    }
    text.push_str("\nnext: write what the live site has\n");
    text.extend(placeholders.iter().map(|placeholder| format!("  {}\n", edit(placeholder))));
    text.push_str(&format!("then: stagectl {there}check, and stagectl {there}rehearse\n"));
    text
}
