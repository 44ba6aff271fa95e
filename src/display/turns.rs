//! Puts events into the order of the sites: what is prepared for a site in the background waits
//! until its turn, so that the output of sites never interleaves.

use std::collections::HashSet;

use crate::event::{Event, What};
use crate::site::SiteName;

/// Holds back what is about a site whose turn has not come.
#[derive(Debug, Default)]
pub(super) struct Turns {
    sites: Vec<SiteName>,
    started: HashSet<SiteName>,
    ended: HashSet<SiteName>,
    current: Option<SiteName>,
    held: Vec<Event>,
}

impl Turns {
    /// The events that are to be shown now, in order. Each keeps its own time.
    pub(super) fn take(&mut self, event: &Event) -> Vec<Event> {
        match &event.what {
            What::RunStarted { sites, .. } => self.sites.clone_from(sites),
            What::SiteStarted { .. } => self.started.extend(event.site.clone()),
            What::SiteEnded { .. } => {
                self.started.extend(event.site.clone());
                self.ended.extend(event.site.clone());
            }
            What::RunEnded { .. } => {
                let mut all = std::mem::take(&mut self.held);
                all.sort_by_key(|held| self.place(held));
                all.push(event.clone());
                return all;
            }
            _ => {}
        }
        if self.is_shown(event) {
            let mut shown = vec![event.clone()];
            shown.extend(self.turn());
            return shown;
        }
        self.held.push(event.clone());
        self.turn()
    }

    /// Passes the turn on as far as it goes, with everything held back for whose turn it is.
    fn turn(&mut self) -> Vec<Event> {
        let mut shown = Vec::new();
        while self
            .current
            .as_ref()
            .is_none_or(|site| self.ended.contains(site) && !self.holds(site))
        {
            let waiting = |site: &&SiteName| !self.ended.contains(*site) || self.holds(site);
            // Once somebody had a turn, the next one's begins with what is prepared for it: it may
            // take minutes, and nobody else says anything meanwhile.
            let begun = |site: &&SiteName| {
                self.started.contains(*site) || self.current.is_some() && self.holds(site)
            };
            let next = self.sites.iter().filter(waiting).find(begun);
            let Some(next) = next.cloned() else { break };
            let about_next = |held: &mut Event| held.site.as_ref() == Some(&next);
            shown.extend(self.held.extract_if(.., about_next));
            self.current = Some(next);
        }
        shown
    }

    fn holds(&self, site: &SiteName) -> bool {
        self.held.iter().any(|held| held.site.as_ref() == Some(site))
    }

    /// What concerns the run, the site whose turn it is, or one that had its turn.
    fn is_shown(&self, event: &Event) -> bool {
        let Some(site) = &event.site else { return true };
        let ends = matches!(event.what, What::SiteEnded { .. });
        self.current.as_ref() == Some(site)
            || (self.ended.contains(site) && !ends && !self.holds(site))
            || !self.sites.contains(site)
    }

    fn place(&self, event: &Event) -> Option<usize> {
        self.sites.iter().position(|site| Some(site) == event.site.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Goal;
    use crate::failure::Verdict;
    use crate::replica::Phase;
    use crate::report::sample::{self, Script};

    fn order(events: &[Event]) -> Vec<String> {
        let mut turns = Turns::default();
        let shown = events.iter().flat_map(|event| turns.take(event));
        let name = |event: &Event| event.site.as_ref().map_or("-".into(), ToString::to_string);
        let mut names: Vec<String> = shown.map(|event| name(&event)).collect();
        names.dedup();
        names
    }

    #[test]
    fn sites_come_one_after_the_other() {
        assert_eq!(order(&sample::green()), ["-", "site-a", "site-b", "site-c", "-"]);
    }

    #[test]
    fn no_event_is_lost_or_doubled() {
        for events in [sample::green(), sample::red_suite(), sample::interrupted()] {
            let mut turns = Turns::default();
            let mut shown: Vec<Event> = events.iter().flat_map(|event| turns.take(event)).collect();
            assert_eq!(shown.len(), events.len());
            shown.retain(|event| !events.contains(event));
            assert_eq!(shown, []);
        }
    }

    #[test]
    fn what_was_prepared_for_a_site_that_never_ran_is_shown_at_the_end() {
        let script = Script::new(Goal::Rehearse, &["site-a", "site-b", "site-c"]).start("site-a");
        let script = script.of("site-c").begin(Phase::Images).of("site-b").begin(Phase::Images);
        let script = script.of("site-a").finish(Verdict::Passed, 1, None);
        let events = script.clean(Verdict::Passed);
        assert_eq!(order(&events), ["-", "site-a", "site-b", "-", "site-c", "-"]);
    }

    #[test]
    fn what_is_prepared_for_the_next_site_is_shown_at_once_when_nobody_else_has_a_turn() {
        let script = Script::new(Goal::Rehearse, &["site-a", "site-b"]).start("site-a");
        let before = script.of("site-b").begin(Phase::Images).of("site-a");
        let ended = before.finish(Verdict::Passed, 1, None);
        let after = ended.of("site-b").doing(Phase::Images, "installing packages");
        assert_eq!(order(&after.so_far()), ["-", "site-a", "site-b"]);
    }

    #[test]
    fn sites_side_by_side_are_shown_in_order() {
        let script = Script::new(Goal::Down, &["site-a", "site-b"]).start("site-a").start("site-b");
        let script = script.finish(Verdict::Passed, 1, None).of("site-a").begin(Phase::Down);
        let events = script.finish(Verdict::Passed, 1, None).clean(Verdict::Passed);
        assert_eq!(order(&events), ["-", "site-a", "site-b", "-"]);
    }
}
