//! Looks as a page that stands for itself.

use super::finding::{Drift, Finding};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse;width:100%}\
    td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}\
    .drifted{color:#a40000}.aged{color:#7a5b00}.true{color:#1a6b1a}@media(prefers-color-scheme:dark){body{background:#151515;color:#ddd}td,th{border-color:#444}\
    .drifted{color:#ff8b80}.aged{color:#e0b64a}.true{color:#7fd07f}}";

/// The page of some sites.
#[must_use]
pub fn page(sites: &[Drift], when: &str) -> String {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>drift</title><style>{STYLE}</style></head><body>\n<h1>Described and live</h1>\n<p>{}</p>\n",
        escaped(when)
    );
    for drift in sites {
        let (word, class) = match (&drift.error, drift.drifted().count()) {
            (Some(error), _) => (format!("could not be read: {}", escaped(error)), "drifted"),
            (None, 0) => ("true".to_owned(), "true"),
            (None, count) => (format!("{count} drifted"), "drifted"),
        };
        text.push_str(&format!(
            "<h2>{} <span class=\"{class}\">{word}</span></h2>\n<p>{} keys compared with {}</p>\n",
            escaped(&drift.site),
            drift.compared,
            escaped(&drift.hosts.join(", "))
        ));
        if drift.findings.is_empty() {
            continue;
        }
        text.push_str("<table><thead><tr><th>key</th><th>described</th><th>live</th><th>built</th><th>since</th><th>weight</th></tr></thead><tbody>\n");
        text.extend(drift.drifted().map(|finding| row(finding, "drifted", finding.weight.word())));
        text.extend(drift.aged().map(|finding| row(finding, "aged", "aged")));
        text.push_str("</tbody></table>\n");
    }
    text + "</body></html>\n"
}

fn row(finding: &Finding, class: &str, weight: &str) -> String {
    let side = |side: &Option<String>| side.as_deref().map_or_else(|| "–".to_owned(), escaped);
    format!(
        "<tr><td class=\"{class}\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{weight}</td></tr>\n",
        escaped(&finding.key),
        side(&finding.described),
        side(&finding.live),
        side(&finding.built),
        escaped(&finding.since)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
