//! Making it so: executes a plan on an engine.

mod advice;
mod beside;
mod blame;
mod board;
mod closing;
mod deploy;
mod execute;
mod execution;
#[cfg(test)]
pub(crate) mod fixture;
mod image;
mod kept;
mod locks;
mod performed;
mod phases;
mod redeploy;
mod static_files;
mod switch;

pub use execute::{prepare_images, provision, redeploy, upgrade};
pub use execution::{Provisioned, Watch};
pub use image::{ImageRecord, Images};

#[cfg(test)]
mod tests;
