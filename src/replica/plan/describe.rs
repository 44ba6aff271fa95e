//! A plan in words: the dry run.

use std::fmt;

use super::super::image::ImageIndex;
use super::super::site_image::network_word;
use super::{Plan, Step};

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Image(_) => formatter.write_str("image"),
            Step::Start { container, .. } => write!(formatter, "start {}", container.role),
            Step::Close { .. } => formatter.write_str("close network"),
            Step::AwaitReady { role, within, .. } => {
                write!(formatter, "await {role} (within {within:?})")
            }
            Step::Deploy { step, .. } => write!(formatter, "run `{}`", step.run),
            Step::ServeProxy { .. } => formatter.write_str("serve proxy"),
            Step::Serve { .. } => formatter.write_str("serve"),
        }
    }
}

impl Plan {
    /// One line a step, in the order of the plan: number, phase, what and why, what must come
    /// before; `note` says what is known of an image.
    pub fn describe(&self, note: impl Fn(ImageIndex) -> String) -> String {
        let ipv6 = self.network.ipv6.as_ref();
        let ipv6 = ipv6.map(|ipv6| format!(" and {}", ipv6.subnet)).unwrap_or_default();
        let mut text = format!(
            "{:>3}  {:<9} network {}{ipv6}: closed, the site's own\n",
            0, "up", self.network.subnet
        );
        for (number, planned) in self.steps.iter().enumerate() {
            let what = match &planned.step {
                Step::Image(index) => {
                    let spec = self.chain.get(*index);
                    format!("{} image: {} ({})", spec.kind.name(), spec.title, note(*index))
                }
                step => format!("{step}: {}", planned.why),
            };
            let after: Vec<String> =
                planned.after.iter().map(|id| (id.0 + 1).to_string()).collect();
            let after = if after.is_empty() {
                String::new()
            } else {
                format!("  after {}", after.join(", "))
            };
            let phase = planned.phase.name();
            text.push_str(&format!("{:>3}  {phase:<9} {what}{after}\n", number + 1));
        }
        text
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = |index| network_word(self.chain.get(index).network).to_owned();
        formatter.write_str(&self.describe(network))
    }
}
