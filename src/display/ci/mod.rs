//! What CI servers make of a log beyond its text: lines that fold, notes at places in files.

mod folds;
pub(super) mod github;
#[cfg(test)]
mod tests;

pub(super) use folds::Folds;
