//! Which packages of a lock are reached from the app, and under which conditions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pep508_rs::MarkerTree;

use super::pin::Pin;
use super::refusal::Refusal;
use crate::site::requirements::line::normalised;

/// What a package, or the app, requires.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) name: String,
    /// Where several versions are locked: which.
    pub(super) version: Option<String>,
    pub(super) extras: Vec<String>,
    pub(super) marker: MarkerTree,
}

/// A package of the lock.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) pin: Pin,
    /// Where it comes from, when that is no index.
    pub(super) source: Option<String>,
    pub(super) requires: Vec<Edge>,
    pub(super) extras: BTreeMap<String, Vec<Edge>>,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Graph {
    pub(super) fn add(&mut self, node: Node) {
        self.by_name.entry(normalised(&node.pin.name)).or_default().push(self.nodes.len());
        self.nodes.push(node);
    }

    /// Everything that is reached, each for whom it is: what leads there in several ways is for all of those.
    ///
    /// # Errors
    /// A package that is reached and comes from no index, one that is not in the lock, or is there in
    /// several versions of which nothing says the right one.
    pub(super) fn reached(&self, from: Vec<Edge>) -> Result<Vec<Pin>, Refusal> {
        let mut known: BTreeMap<(usize, Option<String>), MarkerTree> = BTreeMap::new();
        let mut open: VecDeque<(Edge, MarkerTree)> =
            from.into_iter().map(|edge| (edge, MarkerTree::TRUE)).collect();
        while let Some((edge, before)) = open.pop_front() {
            let mut marker = before;
            marker.and(edge.marker.clone());
            if marker.is_false() {
                continue;
            }
            for index in self.find(&edge)? {
                let node = &self.nodes[index];
                let wanted = edge.extras.iter().map(|extra| Some(normalised(extra)));
                for part in std::iter::once(None).chain(wanted) {
                    let mut all =
                        known.get(&(index, part.clone())).cloned().unwrap_or(MarkerTree::FALSE);
                    let before = all.clone();
                    all.or(marker.clone());
                    if all == before {
                        continue;
                    }
                    known.insert((index, part.clone()), all.clone());
                    let next = match &part {
                        None => Some(&node.requires),
                        Some(extra) => node.extras.get(extra),
                    };
                    open.extend(next.into_iter().flatten().map(|edge| (edge.clone(), all.clone())));
                }
            }
        }
        let mut pins = Vec::new();
        for ((index, _), marker) in known.into_iter().filter(|((_, part), _)| part.is_none()) {
            let node = &self.nodes[index];
            if let Some(source) = &node.source {
                let (package, source) = (node.pin.name.clone(), source.clone());
                return Err(Refusal::NotOfAnIndex { package, source });
            }
            pins.push(Pin { marker, ..node.pin.clone() });
        }
        Ok(pins)
    }

    fn find(&self, edge: &Edge) -> Result<Vec<usize>, Refusal> {
        let none = Vec::new();
        let all = self.by_name.get(&normalised(&edge.name)).unwrap_or(&none);
        let of_version = |index: &&usize| {
            edge.version.as_ref().is_none_or(|version| self.nodes[**index].pin.version == *version)
        };
        let found: Vec<usize> = all.iter().filter(of_version).copied().collect();
        let versions: BTreeSet<&str> =
            found.iter().map(|index| self.nodes[*index].pin.version.as_str()).collect();
        if found.is_empty() {
            // What only another platform needs may be left out.
            return if edge.marker.is_true() {
                Err(Refusal::NoLock(format!("{} is required, and not in it", edge.name)))
            } else {
                Ok(found)
            };
        }
        if versions.len() > 1 {
            let versions = versions.into_iter().collect::<Vec<_>>().join(" and ");
            let message = format!("{} is locked to {versions}, and nothing says which", edge.name);
            return Err(Refusal::TooOld(message));
        }
        Ok(found)
    }
}
