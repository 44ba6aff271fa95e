//! Runs whose steps are known.

use std::time::Duration;

use super::Script;
use crate::event::{Event, Goal, ImageOrigin, Outcome, Performed, What};
use crate::failure::Verdict;
use crate::replica::{Phase, Reached, Stage};

/// A step of the plan that passed, after those of these numbers.
pub(crate) fn performed(number: usize, what: &str, ms: u64, after: &[usize]) -> Performed {
    Performed {
        number,
        phase: Phase::Up,
        what: what.into(),
        reached: None,
        origin: None,
        took: Duration::from_millis(ms),
        after: after.to_vec(),
        outcome: Outcome::Passed,
    }
}

/// The step of a container.
pub(crate) fn of_container(
    number: usize,
    (role, stage): (&str, Stage),
    ms: u64,
    after: &[usize],
) -> Performed {
    let reached = Some(Reached { container: role.into(), stage });
    Performed { reached, ..performed(number, &format!("{role} {}", stage.name()), ms, after) }
}

fn image(number: usize, title: &str, origin: ImageOrigin, ms: u64) -> Performed {
    let (phase, origin) = (Phase::Images, Some(origin));
    Performed { phase, origin, ..performed(number, &format!("image: {title}"), ms, &[]) }
}

impl Script {
    /// So many milliseconds later, the end of a step.
    pub(crate) fn then(self, ms: u64, step: Performed) -> Self {
        self.after(ms).emit(What::Performed { step })
    }

    /// The steps of a site with a database: the app's container is made in the database's shadow.
    pub(crate) fn steps_of_a_site(self) -> Self {
        let phase = |phase, step: Performed| Performed { phase, ..step };
        self.then(40, performed(0, "network", 40, &[]))
            .then(5, image(2, "release shop 1.0", ImageOrigin::Cached, 5))
            .then(5, image(1, "service db", ImageOrigin::Built, 10))
            .then(40, of_container(3, ("db", Stage::Created), 40, &[1]))
            .then(60, of_container(5, ("db", Stage::Started), 60, &[3]))
            .then(50, of_container(4, ("app", Stage::Created), 155, &[2]))
            .then(50, of_container(7, ("app", Stage::Started), 50, &[4]))
            .then(50, of_container(6, ("db", Stage::Ready), 150, &[5]))
            .then(100, phase(Phase::Deploy, performed(8, "deploy step `migrate`", 100, &[6, 7])))
            .then(100, phase(Phase::Ready, performed(9, "serve", 100, &[8])))
    }
}

/// One green site.
pub(crate) fn one_site() -> Vec<Event> {
    let script = Script::new(Goal::Rehearse, &["site-a"]).start("site-a").steps_of_a_site();
    let script = script.checks(2).suite(800).phase(Phase::Down, 200);
    script.finish(Verdict::Passed, 1800, None).clean(Verdict::Passed)
}
