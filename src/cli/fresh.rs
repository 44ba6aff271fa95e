//! How old the last looks at live hosts are, and whether they are young enough.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::display::print_note;
use crate::drift::{age_in_words, last_look};
use crate::failure::{Failure, Kind};
use crate::site::{Site, parse_age};

/// How old a look at a live host may be.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct FreshArgs {
    /// Refuse sites whose live hosts were not looked at for so long (`stagectl drift`), or whose descriptions were not true
    /// then: exit code 6
    #[arg(long, value_name = "AGE", value_parser = age)]
    fresh: Option<Duration>,
}

/// `7d`, `12h`
fn age(text: &str) -> Result<Duration, String> {
    parse_age(text).ok_or_else(|| "write a number and its unit: 7d, 12h".to_owned())
}

impl FreshArgs {
    /// Says how old the last look at each site is, and refuses what is too old.
    ///
    /// # Errors
    /// Refused: a site was not looked at for too long, or was not as described.
    pub(super) fn look_at(self, root: &Path, sites: &[&Site]) -> Result<(), Failure> {
        let now = Timestamp::now();
        let mut refused: Vec<String> = Vec::new();
        for site in sites {
            let name = site.name.as_str();
            let Some(look) = last_look(root, name) else {
                refused.push(format!("{name} was never looked at"));
                continue;
            };
            let word = if look.is_true {
                "as described"
            } else {
                "not as described any more: stagectl drift"
            };
            let said = format!(
                "{name}: its live host was looked at {}, and was {word}",
                age_in_words(&look, now)
            );
            print_note(&said);
            let seconds = u64::try_from(now.as_second() - look.at).unwrap_or(0);
            let is_old = self.fresh.is_some_and(|most| seconds > most.as_secs());
            if is_old || !look.is_true {
                refused.push(said);
            }
        }
        if self.fresh.is_none() || refused.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        let mut failure =
            Failure::new(Kind::Refused, "the descriptions are not fresh enough to be rehearsed")
                .hint(format!("look at the hosts: `stagectl drift {}`", names.join(" ")));
        failure.causes = refused;
        Err(failure)
    }
}
