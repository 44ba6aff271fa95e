//! What shall exist: images, networks, containers, order. Pure data.

mod host;
mod image;
mod job;
mod network;
mod plan;
mod process;
mod run;
mod secret;
mod service;
mod site_image;
mod spec;
mod template;

pub use image::{BUILD_FOLDER, Chain, ImageIndex, ImageKind, ImageSpec, Parent};
pub use job::{diagnosis_job, serve_job, step_job, suite_job};
pub use network::{Addresses, Subnet};
pub use plan::{Ingredients, Plan, Planned, Step, StepId};
pub use process::server_name;
pub use run::{Label, Ownership, RunId};
pub use secret::Secrets;
pub use service::Ready;
pub use site_image::{APP_ID, is_frozen};
pub use spec::*;
pub use template::{Templates, built_in, shell_quote};
