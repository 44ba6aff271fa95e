//! What happens in a run, as values with timestamps. Work emits them; `display` renders them and
//! `report` folds them. Nothing here prints.

mod comparison;
mod files;
mod found;
mod hint;
mod locks;
mod outcome;
mod outside;
mod performed;
mod resource;
mod seconds;
mod state;
mod stream;
mod surroundings;
mod timed;
mod traffic;

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::failure::{Excerpt, Failure, Verdict};
use crate::replica::Phase;
use crate::site::{SiteName, Suspect};

pub use comparison::{ComparedRed, Comparison, RehearsedAs, SeenDifference};
pub use files::{HostFile, HostFileKind, HostFiles};
pub use found::{Check, Machine, Rerun, Test, TestStatus};
pub use hint::Hint;
pub use locks::{LockWait, StepLocks, TableLock};
pub use outcome::{ImageOrigin, Outcome};
pub use outside::{OutsideRequest, Passage};
pub use performed::Performed;
pub use resource::{Inventory, Resource, ResourceKind};
use seconds::seconds;
pub use seconds::span_in_words;
pub use state::State;
pub use stream::{Events, Listener, Recorder};
pub use surroundings::{Computer, EngineSeen, Surroundings};
pub use timed::timed;
pub use traffic::{Downtime, Gap, GapKind, Traffic, Way};

/// One fact, at a time since the run's start.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Event {
    /// Seconds since the run's start.
    #[serde(serialize_with = "seconds")]
    #[schemars(with = "f64")]
    pub at: Duration,
    /// Absent for what concerns the run as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub site: Option<SiteName>,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum What {
    /// The first event of a run.
    RunStarted {
        run: String,
        goal: Goal,
        /// The time of the run's zero point.
        #[schemars(with = "String")]
        started: Timestamp,
        /// The project's name, as labels carry it.
        project: String,
        release: Option<Release>,
        /// All chosen sites, in the order of their rehearsal.
        #[schemars(with = "Vec<String>")]
        sites: Vec<SiteName>,
    },
    /// The command line without secrets, this machine, and the engine.
    Surroundings {
        surroundings: Surroundings,
    },
    /// Where the files of the run go, as a person would write the path.
    FolderMade {
        folder: String,
    },
    /// The run is one of several that share the sites.
    Partitioned {
        /// Such as `2/4`.
        part: String,
        /// Those of all parts.
        #[schemars(with = "Vec<String>")]
        sites: Vec<SiteName>,
    },
    /// The site's turn has come. What is prepared for it in the background may come before.
    SiteStarted {
        /// The digest of the site's environment.
        environment: String,
        /// True for a site that never fails the run.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        #[schemars(default)]
        advisory: bool,
    },
    /// A state of an upgrade begins; what follows of deploy, start, diagnosis and suite is of it.
    StateStarted {
        state: State,
        /// What runs in it.
        runs: Release,
    },
    StateEnded {
        state: State,
        /// Seconds.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
        outcome: Outcome,
    },
    /// What a visitor saw of the site while a release was deployed over another one.
    SiteInUse {
        traffic: Traffic,
    },
    PhaseStarted {
        phase: Phase,
    },
    /// `took` is the phase's own share: from the end of the phase before it.
    PhaseEnded {
        phase: Phase,
        /// Seconds.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
        outcome: Outcome,
        note: String,
    },
    /// Images that take minutes are not there and are made now, once. Before the first of them.
    ImagesMissing {
        /// What they are called, those that stand on them included.
        titles: Vec<String>,
        /// Seconds that it takes, by the runs that are recorded; absent where they do not know each of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(default)]
        about: Option<f64>,
    },
    /// What a long step is doing right now: "environment of site-a: installing 5 packages".
    Doing {
        phase: Phase,
        what: String,
        /// How far it is: "unpacking 3 of 25". Changes often; a log may leave it out.
        progress: Option<String>,
    },
    ImageReady {
        role: String,
        key: String,
        /// Docker's id of the image.
        id: String,
        origin: ImageOrigin,
        /// Seconds.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
    },
    /// The site answers as described, for the first time.
    Answered {
        /// Seconds since its server was started.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
    },
    /// The distributions that the release image really has, as `name==version`.
    Installed {
        packages: Vec<String>,
        /// The names of those whose version nothing says: the package index decided it today.
        floating: Vec<String>,
    },
    /// What the site's host really is.
    MachineSeen {
        machine: Machine,
    },
    /// The files of the site's host that make its environment. Thousands: they have a file of their
    /// own in the run's folder, and are not among the events in JSON.
    #[serde(skip)]
    FilesSeen {
        files: HostFiles,
    },
    /// A step of the site's plan ended; also those of images, containers and services.
    Performed {
        #[serde(flatten)]
        step: Performed,
    },
    /// A deploy step ended.
    StepEnded {
        name: String,
        code: i64,
        /// Seconds.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
        output: Vec<String>,
        /// What it locked, of each database of the site: of a step of an upgrade.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[schemars(default)]
        locks: Vec<StepLocks>,
    },
    /// All that a deploy step or a build printed: it has a file of its own in the site's folder, and is not
    /// among the events in JSON.
    #[serde(skip)]
    OutputKept {
        /// Such as `step-migrate`.
        name: String,
        lines: Vec<String>,
    },
    /// Where the tests of the suite are, as a person would write the path.
    SuiteAt {
        folder: String,
    },
    /// Tests that are not run, because others notice more in the time that there is.
    TestsLeftOut {
        tests: Vec<String>,
    },
    CheckEnded {
        check: Check,
    },
    TestEnded {
        test: Test,
    },
    /// Something in the replica asked for a name that it refuses, or sent to addresses beyond it.
    NameRefused {
        name: String,
        times: u32,
        /// The roles of those who did: `app`, `suite`, a service.
        by: Vec<String>,
    },
    /// What the app asked of a host beyond the site that has a stub or is allowed.
    OutsideAsked {
        request: OutsideRequest,
    },
    /// What no replica of the site has, however well it is described.
    NotReplicated {
        what: Vec<String>,
    },
    /// What a log said at the moment of the failure: the app's (`app`), a file of its own, the proxy's, a
    /// database's; one event each. Before `SiteEnded`.
    AppLog {
        excerpt: Excerpt,
    },
    /// Where a failing site (`one`) differs from the passing one that is nearest to it (`two`), the most
    /// suspicious key first. May come after `SiteEnded`: the nearest one may be rehearsed later.
    DiffersFrom {
        /// The passing one.
        #[serde(rename = "from")]
        #[schemars(with = "String")]
        site: SiteName,
        differences: Vec<Suspect>,
    },
    /// A live site was held against its rehearsal. Before `SiteEnded`.
    Compared {
        comparison: Comparison,
    },
    /// Where the site's evidence was saved, as a person would write the path.
    EvidenceSaved {
        folder: String,
    },
    /// The command that brings the same replica up again.
    Again {
        command: String,
    },
    /// Where a replica that stays up is reached, and a command that shows it.
    Reachable {
        url: String,
        command: String,
        /// What else a person wants to know: other addresses, trust, log-in, the lease.
        more: Vec<Hint>,
    },
    /// A line of the critical suite's own output, as it comes, for who watches it.
    SuiteSaid {
        line: String,
    },
    /// A stop was asked for; teardown begins. `why` is "Ctrl-C" or "terminated".
    StopRequested {
        why: String,
    },
    /// Something a person should know that is no failure. Equal messages are shown once.
    Warning {
        message: String,
    },
    Created {
        resource: Resource,
    },
    Removed {
        resource: Resource,
    },
    /// A resource that is still there after teardown.
    LeftBehind {
        resource: Resource,
        error: String,
    },
    /// What Docker still lists of this run after all teardown. Each thing that was not meant to
    /// stay also has its `LeftBehind`. Without this event nobody knows what is left.
    Inventory {
        left: Inventory,
    },
    /// What stays up because it was asked for (`up`, `--keep`); instead of `Inventory`.
    Kept {
        kept: Inventory,
    },
    /// How many images of ours Docker keeps for later runs, of all projects.
    Cached {
        images: usize,
    },
    SiteEnded {
        #[serde(flatten)]
        verdict: Verdict,
        /// Seconds, of its turn and of what was made ready for it before.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
        failure: Option<Failure>,
    },
    /// The last event of a run.
    RunEnded {
        #[serde(flatten)]
        verdict: Verdict,
        /// Seconds.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "f64")]
        took: Duration,
    },
}

/// What a run is for, as the command says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    #[default]
    Rehearse,
    Up,
    Test,
    Redeploy,
    Down,
    /// A rehearsal of a description that no site has, to find out what makes another one red.
    Experiment,
    /// The live site itself, from outside.
    Live,
}

/// Which release a run is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    pub name: String,
    pub version: String,
    /// The SHA-256 of what was given, in hex.
    pub digest: String,
    /// As it was given.
    pub path: String,
}
