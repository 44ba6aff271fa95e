//! Which steps of a plan are done, and which may begin.

use crate::replica::{Phase, Planned, StepId};

/// Which steps are done, and which may begin.
pub(in crate::provision) struct Board<'a> {
    steps: &'a [Planned],
    state: Vec<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    /// Not part of this execution.
    Left,
}

impl<'a> Board<'a> {
    pub(super) fn new(steps: &'a [Planned], wanted: impl Fn(&Planned) -> bool) -> Self {
        let state = steps
            .iter()
            .map(|step| if wanted(step) { State::Waiting } else { State::Left })
            .collect();
        Board { steps, state }
    }

    pub(super) fn take_ready(&mut self) -> Vec<StepId> {
        let done = |id: &StepId| matches!(self.state[id.0], State::Done | State::Left);
        let ready: Vec<StepId> = (0..self.steps.len())
            .filter(|&n| self.state[n] == State::Waiting && self.steps[n].after.iter().all(done))
            .map(StepId)
            .collect();
        for id in &ready {
            self.state[id.0] = State::Running;
        }
        ready
    }

    pub(super) fn finish(&mut self, id: StepId) {
        self.state[id.0] = State::Done;
    }

    /// True while a step that is wanted has not begun.
    pub(super) fn is_waiting(&self) -> bool {
        self.state.contains(&State::Waiting)
    }

    /// True when every step of this phase and of the phases before it is done.
    pub(super) fn is_over(&self, phase: Phase) -> bool {
        self.steps
            .iter()
            .zip(&self.state)
            .all(|(step, state)| step.phase > phase || matches!(state, State::Done | State::Left))
    }
}
