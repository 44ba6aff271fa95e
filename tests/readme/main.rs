//! The documents, held to the program: examples load, commands exist, links lead somewhere, and the
//! generated parts are what the types say (`UPDATE=1 cargo test --test readme` writes them).

mod commands;
mod document;
mod examples;
mod generated;
mod promises;
