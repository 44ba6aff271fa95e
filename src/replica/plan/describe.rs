//! A plan in words: the dry run.

use std::fmt;

use serde::Serialize;

use super::super::phase::Phase;
use super::step::{Later, Planned, Reached, Stage, Step};
use super::whole::{Plan, Target};
use crate::replica::image::chain::ImageIndex;
use crate::replica::image::site::network_word;

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedStep {
    /// From one, in the order of the plan.
    pub number: usize,
    pub phase: Phase,
    /// Such as `start db`.
    pub what: String,
    pub why: String,
    /// The numbers of the steps that must have succeeded before.
    pub after: Vec<usize>,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Image(_) => formatter.write_str("image"),
            Step::Create { container, .. } => write!(formatter, "create {}", container.role),
            Step::Start { role, .. } => write!(formatter, "start {role}"),
            Step::Close { .. } => formatter.write_str("close network"),
            Step::SeeClosed { .. } => formatter.write_str("see network closed"),
            Step::Observe { .. } => formatter.write_str("observe network"),
            Step::AwaitReady { role, within, .. } => {
                write!(formatter, "await {role} (within {within:?})")
            }
            Step::HoldSuite { .. } => formatter.write_str("begin pytest"),
            Step::Stop { host, proxy_goes_on: false } => {
                write!(formatter, "stop processes of {}", host.role)
            }
            Step::Stop { host, proxy_goes_on: true } => {
                write!(formatter, "stop processes of {} behind the proxy", host.role)
            }
            Step::Settle { .. } => formatter.write_str("settle the release"),
            Step::Replace { .. } => formatter.write_str("replace the release"),
            Step::Exchange { .. } => formatter.write_str("exchange the releases"),
            Step::Deploy { step, .. } => write!(formatter, "run `{}`", step.run),
            Step::ServeProxy { .. } => formatter.write_str("serve proxy"),
            Step::Serve { .. } => formatter.write_str("serve"),
            Step::ServeBeside { .. } => formatter.write_str("serve the new release beside"),
            Step::Switch { .. } => formatter.write_str("switch the proxy"),
            Step::Answer { .. } => formatter.write_str("await the site"),
        }
    }
}

impl Step {
    /// Returns what the step brings a container to, if it is about one.
    #[must_use]
    pub fn reached(&self) -> Option<Reached> {
        let (container, stage) = match self {
            Step::Create { container, .. } => (&container.role, Stage::Created),
            Step::Start { role, .. } => (role, Stage::Started),
            Step::AwaitReady { role, .. } => (role, Stage::Ready),
            // Made, started and asked in one.
            Step::Close { container, .. } => (&container.role, Stage::Ready),
            _ => return None,
        };
        Some(Reached { container: container.clone(), stage })
    }
}

impl Plan {
    /// Returns what a step did, in the words of a timeline.
    #[must_use]
    pub fn done_in_words(&self, step: &Step) -> String {
        match step {
            Step::Image(index) => format!("image: {}", self.chain.get(*index).title),
            Step::AwaitReady { role, .. } => format!("await {role}"),
            Step::Deploy { step, .. } => format!("deploy step `{}`", step.name),
            step => step.to_string(),
        }
    }

    /// One line a step, in the order of the plan: number, phase, what and why, what must come
    /// before; `note` says what is known of an image.
    pub fn describe(&self, note: impl Fn(ImageIndex) -> String) -> String {
        let ipv6 = self.network.ipv6.as_ref();
        let ipv6 = ipv6.map(|ipv6| format!(" and {}", ipv6.subnet)).unwrap_or_default();
        let mut text = match self.target {
            Target::NewReplica => format!(
                "{:>3}  {:<9} network {}{ipv6}: closed, the site's own\n",
                0, "up", self.network.subnet
            ),
            Target::StandingReplica => String::new(),
        };
        for described in self.described(note) {
            let DescribedStep { number, phase, what, why, after } = described;
            let after: Vec<String> = after.iter().map(ToString::to_string).collect();
            let after = if after.is_empty() {
                String::new()
            } else {
                format!("  after {}", after.join(", "))
            };
            text.push_str(&format!("{number:>3}  {:<9} {what}: {why}{after}\n", phase.name()));
        }
        text
    }

    /// The steps in words, in the order of the plan; `note` says what is known of an image.
    pub fn described(&self, note: impl Fn(ImageIndex) -> String) -> Vec<DescribedStep> {
        let step = |(index, planned): (usize, &Planned)| {
            let (what, why) = match &planned.step {
                Step::Image(index) => {
                    let spec = self.chain.get(*index);
                    let why = format!("{} ({})", spec.title, note(*index));
                    (format!("{} image", spec.kind.name()), why)
                }
                step => (step.to_string(), planned.why.clone()),
            };
            let after = planned.after.iter().map(|id| id.0 + 1).collect();
            DescribedStep { number: index + 1, phase: planned.phase, what, why, after }
        };
        let steps: Vec<DescribedStep> = self.steps.iter().enumerate().map(step).collect();
        if self.target == Target::StandingReplica {
            return steps; // it stays, and is examined if that is asked for
        }
        // All of them are done by then; two say so.
        let serve =
            self.steps.iter().position(|planned| matches!(planned.step, Step::Serve { .. }));
        let mut after: Vec<usize> =
            serve.map(|at| at + 1).into_iter().chain([steps.len()]).collect();
        let mut number = steps.len();
        let later = Later::ALL.map(|later| {
            let (phase, what, why) = later.in_words();
            number += 1;
            let after = std::mem::replace(&mut after, vec![number]);
            DescribedStep { number, phase, what: what.to_owned(), why: why.to_owned(), after }
        });
        steps.into_iter().chain(later).collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = |index| network_word(self.chain.get(index).network).to_owned();
        formatter.write_str(&self.describe(network))
    }
}
