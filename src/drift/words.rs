//! A look at a site's hosts, for people.

use super::finding::{Drift, Finding};

/// The longest value on a line.
const LONGEST: usize = 60;

/// What a look at a site came to.
#[must_use]
pub fn in_words(drift: &Drift) -> String {
    let hosts = drift.hosts.join(", ");
    if let Some(error) = &drift.error {
        return format!("{}  could not be read: {error}\n", drift.site);
    }
    let (drifted, aged) = (drift.drifted().count(), drift.aged().count());
    let verdict = match drifted {
        0 => "true".to_owned(),
        1 => "1 key has drifted".to_owned(),
        count => format!("{count} keys have drifted"),
    };
    let age = if aged > 0 { format!(", {aged} aged") } else { String::new() };
    let mut text = format!(
        "{}  {verdict}{age}: {} keys of its description compared with {hosts}\n",
        drift.site, drift.compared
    );
    let rows: Vec<&Finding> = drift.drifted().collect();
    text.extend(rows.iter().map(|finding| line(finding, finding.weight.word())));
    text.extend(drift.aged().map(|finding| line(finding, "aged")));
    if !drift.not_known.is_empty() {
        text.push_str(&format!("  not known  {}\n", drift.not_known.join(", ")));
    }
    for what in &drift.not_read {
        text.push_str(&format!("  not read   {what}\n"));
    }
    text
}

fn line(finding: &Finding, word: &str) -> String {
    let side =
        |side: &Option<String>| side.as_deref().map_or_else(|| "not there".to_owned(), short);
    let built = match &finding.built {
        Some(built) if Some(built) != finding.described.as_ref() => {
            format!(", built {}", short(built))
        }
        _ => String::new(),
    };
    format!(
        "  {}   described {}, live {}{built}   since {}   {word}\n",
        finding.key,
        side(&finding.described),
        side(&finding.live),
        finding.since
    )
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}
