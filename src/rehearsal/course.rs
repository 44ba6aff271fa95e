//! How a run goes through its sites.

/// Whether a replica stays after its rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// A failing site's replica stays up, to be looked at.
    Failing,
}

/// Whether the sites after a failing one are still rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    GoOn,
    Stop,
}

/// What is done for the next site while one is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// Its images are made.
    Images,
    /// It is brought up, too: faster, at the memory of two replicas.
    Containers,
    /// The same where the engine's machine has that memory.
    WhereRoom,
}

/// How far a site is rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Diagnosis and suite, in all states of an upgrade.
    End,
    /// Until it answers; what comes up is green.
    Ready,
}

/// How a run goes through its sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    pub keep: Keep,
    pub after_failure: AfterFailure,
    pub ahead: Ahead,
    pub until: Until,
}
