//! The picture of the code: a new edge is a decision, which changes this table and says why.

/// The modules from top to bottom, and what each may import. Everything it names stands below it.
pub(crate) const PICTURE: &[(&str, &[&str])] = &[
    // 6: what was asked
    ("main", &["cli", "display", "failure"]),
    (
        "cli",
        &[
            "session",
            "experiment",
            "live_site",
            "rehearsal",
            "run",
            // Whether this machine can rehearse; a first description out of the project at hand.
            "doctor",
            "draft",
            // A description from a live host, and whether it is still true.
            "capture",
            "drift",
            "guardian",
            "provision",
            "standing",
            "display",
            "report",
            "docker",
            // The release that is live may be nowhere else.
            "package_index",
            "http",
            // From where a live site is looked at.
            "outside_look",
            "event",
            "replica",
            "release",
            "tls",
            "site",
            // Nothing is written into a project before its folder of ours was looked at.
            "state",
            "cancel",
            "failure",
        ],
    ),
    // 5'': whether a description is still true: what is written against what was captured.
    ("drift", &["capture", "outside_look", "report", "site", "state", "failure", "bounded"]),
    // 5'': a description from a live host. `draft`: both write the same YAML.
    (
        "capture",
        &[
            "docker",
            "outside_look",
            "draft",
            "site",
            "state",
            "ssh",
            "failure",
            "bounded",
            "packing",
        ],
    ),
    // 5'': a live site, looked at from outside and held against its rehearsal. The frame of a turn is the rehearsal's;
    // `provision` makes the suite's container.
    (
        "live_site",
        &[
            "rehearsal",
            "run",
            "provision",
            "suite",
            "inside",
            "report",
            "docker",
            "outside_look",
            "event",
            "replica",
            "tls",
            "site",
            "ssh",
            "cancel",
            "failure",
        ],
    ),
    // 5'': rehearsals that are made to find something out. The planner itself knows nothing of all these.
    (
        "experiment",
        &[
            "rehearsal",
            "run",
            "report",
            // A hybrid may have a live release of its own.
            "package_index",
            "event",
            "replica",
            "release",
            "site",
            "state",
            "cancel",
            "failure",
            "digest",
            "bounded",
        ],
    ),
    // 5': what a person does with a replica that is up. Finding it and its lease are the rehearsal's;
    // `provision` puts another release into it.
    (
        "session",
        &[
            "rehearsal",
            "provision",
            "standing",
            "inside",
            "docker",
            "event",
            "replica",
            "site",
            "failure",
        ],
    ),
    // 5: sites in order
    (
        "rehearsal",
        &[
            "run",
            "provision",
            "standing",
            "suite",
            "inside",
            "docker",
            "event",
            "replica",
            "release",
            "tls",
            "site",
            "cancel",
            "cause",
            "failure",
        ],
    ),
    // Looks at everything that a rehearsal would use, and makes nothing of it.
    (
        "doctor",
        &["run", "guardian", "docker", "package_index", "http", "replica", "site", "failure"],
    ),
    // 4: making it so; is it good?
    (
        "provision",
        // `digest`: a root file system is imported only if it is the one that was planned. `state`: the folder of
        // the locks is ours. `standing`: its tests take down what they made.
        &[
            "run", "standing", "inside", "docker", "http", "event", "replica", "site", "cancel",
            "failure", "digest", "bounded", "packing", "cause", "state",
        ],
    ),
    // 4: one invocation; who takes down what it made when it is gone
    (
        "run",
        &[
            "guardian", "standing", "report", "docker", "event", "replica", "release", "tls",
            "site", "state", "cancel", "failure", "digest",
        ],
    ),
    ("guardian", &["standing", "docker", "event", "replica", "failure"]),
    // 4: what stands: found by its labels, kept by its lease, taken down
    // Who works on a replica is said by locked files in a folder of ours.
    ("standing", &["docker", "event", "replica", "site", "state", "failure", "digest"]),
    ("suite", &["inside", "docker", "event", "replica", "site", "failure"]),
    // 4': showing it; writing it down
    ("display", &["report", "event", "replica", "site", "failure"]),
    // `bounded`: the reports of earlier runs are files like any other.
    ("report", &["event", "replica", "site", "state", "failure", "bounded"]),
    // 3: work inside a replica; how Docker is asked; how a URL is checked
    ("inside", &["docker", "event", "replica", "site", "cancel", "cause", "failure"]),
    ("docker", &["event", "replica", "failure", "digest"]),
    // `state`: what was fetched is kept in the folder of ours.
    ("package_index", &["http", "release", "site", "state", "failure", "digest"]),
    ("http", &["failure"]),
    // How a host looks from here. `tls`: its tests serve with certificates of the project's own.
    ("outside_look", &["tls", "site", "failure", "bounded"]),
    // 3': what happens
    ("event", &["replica", "site", "failure"]),
    // 2: what shall exist
    // `bounded`, here and below: every file that a description or a release names.
    ("replica", &["release", "tls", "site", "failure", "digest", "bounded"]),
    // 1': a first description, guessed from what lies in a project's folder
    ("draft", &["release", "site", "failure", "bounded", "python"]),
    // 1: what was described, built, certified
    ("release", &["site", "failure", "digest", "bounded", "python"]),
    ("tls", &["site", "state", "failure", "digest"]),
    ("site", &["failure", "digest", "bounded"]),
    // 0
    ("cancel", &["failure"]),
    ("state", &["failure"]),
    // What `ssh` says where it does not get to a host.
    ("ssh", &["failure"]),
    ("failure", &[]),
    // A file that is hashed is a regular one.
    ("digest", &["bounded"]),
    // How an archive of a root file system is packed: a base, and a host to be read.
    ("packing", &["bounded"]),
    ("bounded", &[]),
    // What the text of a Python source says.
    ("python", &[]),
    // What went wrong, found in what programs print.
    ("cause", &[]),
];

/// Crates that have one home, as they are named in the code.
pub(crate) const FENCES: &[(&str, &[&str])] = &[
    ("aws_lc_rs", &["site", "tls", "outside_look"]),
    ("bollard", &["docker"]),
    ("clap", &["main", "cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("hyper", &["outside_look"]),
    ("indicatif", &["display"]),
    ("num_bigint", &["tls"]),
    ("rcgen", &["tls"]),
    ("reqwest", &["http"]),
    ("rustls", &["outside_look"]),
    ("saphyr_parser", &["site"]),
    // Compose files are no descriptions: no place of a value is needed.
    ("serde_yaml", &["site", "draft"]),
    ("tracing", &["docker"]),
    ("tracing_subscriber", &["display"]),
    ("yasna", &["site", "tls"]),
];
