//! What distributions require, as their files at the index say.

use std::path::Path;

use futures_util::future::join_all;

use super::Indexes;
use crate::http::Http;
use crate::release::Release;
use crate::site::{Published, Site};
use crate::state;

/// What each of these requires, of those files that pip would take for the site; `None` where that cannot be had, or
/// only a build would tell.
pub async fn requires_of(
    site: &Site,
    root: &Path,
    published: &[Published],
) -> Vec<Option<Vec<String>>> {
    let install = &site.install;
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let indexes = Indexes::new(install.index.as_deref(), &install.extra_indexes, variable);
    let folder = state::folder_below(root, Path::new("distributions"));
    let (Ok(http), Ok(folder)) = (Http::new(), folder) else {
        return vec![None; published.len()];
    };
    let (indexes, http, folder) = (&indexes, &http, &folder);
    let fetched = published.iter().map(async |published| {
        let path = indexes.fetch(http, published, site.python, folder).await.ok()?;
        Release::open(&path).ok()?.requires_dist
    });
    join_all(fetched).await
}
