//! What a site installs beside the release.

use super::Parts;
use crate::draft::yaml::{line, scalar};

impl Parts<'_> {
    /// The key `install`, or comments in its place.
    pub(super) fn install(&self) -> String {
        let mut text = String::from("\ninstall:\n");
        if let Some(path) = &self.packages.requirements {
            text.push_str(&format!("  requirements: {}\n", scalar(&format!("../{path}"))));
        }
        if let Some((extra, framework)) = &self.extra {
            let comment = format!("of the release itself: it brings {framework}");
            text.push_str(&line(&format!("  extras: [{}]", scalar(extra)), &comment));
        }
        let server = self.server.name;
        if self.server.name != "uwsgi" && !self.packages.needs(server) {
            // The day says which version it is.
            let yaml = match (self.as_of, server) {
                (Some(_), _) => format!("  extra: [{server}]"),
                (None, "gunicorn") => "  extra: [\"gunicorn==23.0.0\"]".to_owned(),
                (None, _) => "  extra: [\"waitress==3.0.2\"]".to_owned(),
            };
            text.push_str(&line(&yaml, "what the site adds; the live version"));
        }
        if !self.environment.build_packages.is_empty() {
            let list = self.environment.build_packages.join(", ");
            text.push_str(&line(
                &format!("  build_packages: [{list}]"),
                "gone after the installation",
            ));
        }
        if let Some(day) = self.as_of {
            let comment =
                "no file here is younger, and no lock says the versions: those of that day";
            text.push_str(&line(&format!("  as_of: {day}"), comment));
            return text;
        }
        // A key needs a value; a comment is none.
        if text == "\ninstall:\n" {
            text = String::from("\n# install:\n");
        }
        let day = jiff::ZonedDateTime::now().date();
        let comment = "nothing younger is installed: the same tomorrow as today";
        text.push_str(&line(&format!("  # as_of: {day}"), comment));
        text
    }
}
