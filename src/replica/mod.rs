//! What shall exist: images, networks, containers, order. Pure data.

mod added;
mod edge;
#[cfg(test)]
pub(crate) mod fixture;
mod host;
mod image;
mod job;
mod keys;
pub mod label;
mod network;
mod not_replicated;
pub mod paths;
mod phase;
mod plan;
mod role;
mod run;
mod secret;
mod service;
mod spec;
mod template;

pub use added::{ADDED, AddedTo, Addition};
pub use edge::door::{CLICK_PORT, public_ports};
pub use edge::gateway::allowed;
pub use edge::stubs::further_certificates;
pub use edge::stubs::{JOURNAL, stubs};
pub use host::beside::{NEXT, place_beside};
pub use host::clock::clock_variables;
pub use host::facts::MOUNTING;
pub use host::files::{OWNERS, SECRETS_FILE, suite_files, template_problems};
pub use host::layout::{process_roles, proxy_role};
pub use host::logs::{APP_LOG, access_logs, app_logs, log_files, log_globs};
pub use host::process::system_path;
pub use host::server::server_name;
pub use image::chain::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec, Parent};
pub use image::install::{Pinned, is_frozen};
pub use image::requires::marker_environment;
pub use job::connections::ConnectionsJob;
pub use job::diagnose::{diagnosis_job, proxy_diagnosis_job};
pub use job::enter::{EnterJob, SESSION_FILE, SessionFacts, owners_command, trust_command};
pub use job::follow::FollowJob;
pub use job::network::network_job;
pub use job::relay::{RelayJob, RelayPlace};
pub use job::said::SaidJob;
pub use job::serve::{ServeJob, answer_job, beside_job, proxy_job, serve_job};
pub use job::step::step_job;
pub use job::stop::stop_job;
pub use job::suite::{
    JOURNAL_FILE, JUNIT_FILE, Tests, Visit, held_suite_job, suite_job, visit_job,
};
pub use job::switch::switch_job;
pub use job::traffic::TrafficJob;
pub use job::ways::Ways;
pub use job::write_job;
pub use keys::Keys;
pub use network::{Addresses, Subnet, bridge_of};
pub use not_replicated::not_replicated;
pub use phase::Phase;
pub use plan::{
    Before, Handles, HostFiles, LiveSuite, Part, Plan, Planned, Reached, Stage, Step, StepId,
    Target,
};
pub use role::{BALANCER, DOOR, GATEWAY, OUTSIDE, PROXY};
pub use run::{Ownership, RunId, RunSpec, container_name};
pub use secret::{LONGEST_LINE, OVERLAP, Secrets, cut_note};
pub use service::{LockWatch, Ready, lock_watches};
pub use spec::*;
pub use template::{Templates, built_in, shell_quote};

#[cfg(test)]
mod tests;
