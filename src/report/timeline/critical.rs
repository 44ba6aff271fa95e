//! The critical path of a run: from its last end back to its start.

use crate::replica::Phase;
use crate::report::model::SiteReport;
use crate::report::span::Span;

/// Times are in whole milliseconds: begin and length of a step may be off by one each.
const ROUNDED: f64 = 0.002;

/// Marks the chain of steps, each of which waited for the one before, that ends last.
///
/// What a step waited for is what its plan says, and of that what ended last. A step without such a one, such as
/// a network, the diagnosis or a teardown, waited for what ended last before it began, on whichever site; but what
/// follows a plan waited for no image that is made for another site meanwhile.
pub(in crate::report) fn mark_critical(sites: &mut [SiteReport]) {
    let spans: Vec<(usize, usize, &Span)> = sites
        .iter()
        .enumerate()
        .flat_map(|(site, of)| {
            of.timeline.iter().enumerate().map(move |(place, span)| (site, place, span))
        })
        .collect();
    let later = |one: &&(usize, usize, &Span), two: &&(usize, usize, &Span)| {
        one.2.end().total_cmp(&two.2.end())
    };
    let mut chain: Vec<(usize, usize)> = Vec::new();
    let mut next = spans.iter().max_by(later);
    while let Some((site, place, span)) = next {
        chain.push((*site, *place));
        let planned = spans.iter().filter(|(of, at, _)| of == site && span.after.contains(at));
        let before = spans.iter().filter(|(of, _, other)| {
            let is_for_another = of != site && other.phase == Phase::Images;
            !is_for_another && other.at < span.at && other.end() <= span.at + ROUNDED
        });
        next = planned.max_by(later).or_else(|| before.max_by(later));
        // A file that somebody wrote by hand may say that two steps waited for each other.
        next = next.filter(|(site, place, _)| !chain.contains(&(*site, *place)));
    }
    for (site, place) in chain {
        sites[site].timeline[place].critical = true;
    }
}
