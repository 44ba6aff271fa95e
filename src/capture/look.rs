//! The names of a site, as they look from here.

use std::path::Path;

use futures_util::future::join_all;

use crate::failure::Failure;
use crate::outside_look::{Detour, Look, Lookout};

/// The most names that are looked at.
const MOST: usize = 12;

/// Looks at each name, all at once; wildcards lead nowhere by themselves.
///
/// # Errors
/// Usage: the file of a private authority cannot be read.
pub async fn look_at(
    names: &[String],
    detours: Vec<Detour>,
    authority: Option<&Path>,
) -> Result<Vec<Look>, Failure> {
    let lookout = Lookout::new(detours, authority)?;
    let plain = names.iter().filter(|name| !name.starts_with('*')).take(MOST);
    Ok(join_all(plain.map(|name| lookout.look(name, "/"))).await)
}
