//! What shall exist: images, networks, containers, order. Pure data.

mod added;
mod apt;
mod balancer;
mod certificates;
mod door;
mod environment_files;
#[cfg(test)]
pub(crate) mod fixture;
mod gateway;
mod host;
mod host_facts;
mod image;
mod install;
mod job;
pub mod label;
mod limit;
mod network;
mod outside;
mod phase;
mod plan;
mod process;
mod proxy;
mod requires;
mod run;
mod secret;
mod service;
mod service_job;
mod session;
mod site_image;
mod spec;
mod systemd;
mod template;
mod tls;
mod wsgi_config;

pub use added::{ADDED, AddedTo, Addition};
pub use balancer::BALANCER;
pub use certificates::beside;
pub use door::{CLICK_PORT, DOOR, public_ports};
pub use gateway::{GATEWAY, allowed};
pub use host::{OWNERS, SECRETS_FILE, suite_files, template_problems};
pub use host_facts::{MOUNTING, clock_variables};
pub use image::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec, Parent};
pub use install::{Pinned, is_frozen};
pub use job::{
    APP_LOG, JUNIT_FILE, Tests, app_logs, diagnosis_job, log_files, log_globs, network_job,
    proxy_diagnosis_job, proxy_job, serve_job, step_job, suite_job,
};
pub use limit::not_replicated;
pub use network::{Addresses, Subnet, bridge_of};
pub use outside::{JOURNAL, OUTSIDE, stubs};
pub use phase::Phase;
pub use plan::{Handles, Ingredients, PROXY, Plan, Planned, Step, StepId};
pub use process::{process_roles, proxy_role, server_name, system_path};
pub use run::{Ownership, RunId, container_name};
pub use secret::{LONGEST_LINE, OVERLAP, Secrets, cut_note};
pub use service::Ready;
pub use session::{SESSION_FILE, SessionFacts, owners_command, stop_job, trust_command};
pub use spec::*;
pub use template::{Templates, built_in, shell_quote};

#[cfg(test)]
mod tests;
