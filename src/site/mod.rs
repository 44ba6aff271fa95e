//! What was described: the project's site files, read, merged, checked and resolved. Pure.

mod accept;
mod certificate;
mod check;
mod crossing;
mod debian;
mod difference;
mod dotenv;
mod duration;
mod file;
#[cfg(test)]
mod fixture;
mod folder;
mod giveaway;
mod hba;
mod identity;
mod kind;
mod live_server;
mod masked;
mod merge;
mod model;
mod placeholder;
mod problem;
mod project;
mod reference;
mod requirements;
mod resolve;
mod scalar;
mod schema;
mod setting;
mod source_line;
mod suspicion;
mod systemd_env;
mod traits;
mod tree;
mod value;
mod yaml;

pub use accept::{Obstacle, flow, line_of_key, with_value};
pub use certificate::{
    alternative_names_der, basic_constraints_der, client_usage_der, common_name_der,
    constraints_der, key_usage_der, names_of_certificate, server_usage_der,
};
pub use crossing::{
    Crossing, Leaf, Variables, Variation, description, is_of_no_environment, value_of_yaml,
    written, written_with,
};
pub use debian::{python_suite, suite_meant, suite_names, suite_python, suite_released};
pub use difference::{Difference, differences};
pub use dotenv::example_variables;
pub use duration::{parse_age, parse_duration};
pub use folder::{Instead, site_names};
pub use hba::{APP_ADDRESS, Asked, Comer, HbaRule, asked};
pub use kind::*;
pub use live_server::{LiveServer, Said};
pub use masked::masked;
pub use model::*;
pub use placeholder::{
    PLACEHOLDER, PLACEHOLDER_MODULE, Placeholder, placeholders, source_at, written_at,
};
pub use problem::{KeyPath, Place, Problem, Problems, nearest};
pub use project::{Project, no_such_site};
pub use requirements::{FileProblem, RequirementFiles, Unread, named, normalised};
pub use resolve::parse_size;
pub use schema::{SCHEMA_ADDRESS, schema, stub_schema};
pub use setting::Setting;
pub use suspicion::{Peers, Signs, Suspect, by_suspicion};
pub use traits::{is_within, traits};
pub use value::*;
