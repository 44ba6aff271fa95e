//! How sites are chosen that have every value of every trait: for `stagectl cover`, and for `rehearse --cover`.

use std::path::PathBuf;

use crate::experiment::{Cover, Known, due};
use crate::failure::Failure;
use crate::report::History;
use crate::site::{Project, Site, is_within, traits};

/// What a rehearsal on few sites takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CoverRunArgs {
    /// Only the sites that have every value of every trait, as `stagectl cover` shows them, and of the others those whose
    /// turn it is
    #[arg(long, conflicts_with_all = ["sites", "partition", "only_failed"])]
    cover: bool,
    /// Each site that `--cover` leaves out has its turn within so many rehearsals
    #[arg(
        long,
        value_name = "N",
        default_value_t = 5,
        requires = "cover",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    turn_within: u16,
    #[command(flatten)]
    pub(super) weighed: WeighArgs,
}

impl CoverRunArgs {
    /// That nothing is weighed that is not asked for.
    ///
    /// # Errors
    /// Usage: a flag that says nothing here.
    pub(super) fn look_at(&self, is_partition: bool) -> Result<(), Failure> {
        if self.weighed.times.is_some() && !is_partition && !self.cover {
            return Err(Failure::usage("`--times` goes with `--partition` or `--cover`"));
        }
        if !self.weighed.except.is_empty() && !self.cover {
            return Err(Failure::usage("`--except` goes with `--cover`"));
        }
        Ok(())
    }

    /// The sites of this rehearsal, where they are chosen so.
    ///
    /// # Errors
    /// Usage: a report that cannot be read, a key that no site has.
    pub(super) fn choice(
        &self,
        sites: &[&Site],
        project: &Project,
    ) -> Result<Option<Choice>, Failure> {
        let of = || Choice::of(sites, &self.weighed, project, self.turn_within.into());
        self.cover.then(of).transpose()
    }
}

/// How sites are weighed.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct WeighArgs {
    /// The report.json, or the folder of runs, whose times count; the runs of this project if left out
    #[arg(long, value_name = "PATH")]
    times: Option<PathBuf>,
    /// A key, with all below it, whose values need not all be there, such as `env.TITLE`. May be given several times
    #[arg(long, value_name = "KEY")]
    except: Vec<String>,
}

impl WeighArgs {
    /// What the runs that count say of sites.
    ///
    /// # Errors
    /// Usage: a report that cannot be read.
    pub(super) fn recorded(&self, project: &Project) -> Result<History, Failure> {
        self.times.as_ref().map_or_else(|| History::own(&project.root), |path| History::at(path))
    }

    /// The sites that have every value, and the others.
    ///
    /// # Errors
    /// Usage: a report that cannot be read, a key that no site has.
    pub(super) fn cover(&self, sites: &[&Site], project: &Project) -> Result<Cover, Failure> {
        let recorded = self.recorded(project)?;
        let known = |site: &&Site| {
            let name = site.name.to_string();
            Known {
                traits: traits(site),
                seconds: recorded.seconds.get(&name).copied(),
                waited: recorded.waited.get(&name).copied(),
                name,
            }
        };
        let known: Vec<Known> = sites.iter().map(known).collect();
        let unknown = self.except.iter().find(|except| {
            !known.iter().any(|site| site.traits.keys().any(|key| is_within(key, except)))
        });
        if let Some(unknown) = unknown {
            return Err(Failure::usage(format!("no site has a key {unknown}"))
                .hint("`stagectl diff SITE OTHER` shows keys as they are written here"));
        }
        Ok(Cover::of(&known, |key| self.except.iter().any(|except| is_within(key, except))))
    }
}

/// The sites of one rehearsal.
#[derive(Debug)]
pub(super) struct Choice {
    covering: Vec<String>,
    turn: Vec<String>,
    left_out: Vec<String>,
    within: usize,
}

impl Choice {
    /// Those that cover all, and of the others those whose turn it is within so many rehearsals.
    ///
    /// # Errors
    /// Usage: a report that cannot be read, a key that no site has.
    pub(super) fn of(
        sites: &[&Site],
        args: &WeighArgs,
        project: &Project,
        within: usize,
    ) -> Result<Choice, Failure> {
        let cover = args.cover(sites, project)?;
        let turn: Vec<String> =
            due(&cover.left_out, within).into_iter().map(str::to_owned).collect();
        let left_out = cover.left_out.iter().map(|site| site.name.clone());
        Ok(Choice {
            covering: cover.sites.iter().map(|site| site.name.clone()).collect(),
            left_out: left_out.filter(|name| !turn.contains(name)).collect(),
            turn,
            within,
        })
    }

    pub(super) fn has(&self, site: &Site) -> bool {
        self.covering.iter().chain(&self.turn).any(|name| name == site.name.as_str())
    }

    /// That this was not all; `None` where it was.
    pub(super) fn warning(&self) -> Option<String> {
        let Choice { covering, turn, left_out, within } = self;
        if left_out.is_empty() {
            return None;
        }
        let all = covering.len() + turn.len() + left_out.len();
        let also = if turn.is_empty() {
            String::new()
        } else {
            format!(", and {} because it is their turn", turn.join(", "))
        };
        Some(format!(
            "this is not the whole rehearsal: of {all} sites {} {} every value of every trait{also}; left out: {} \
             (each has its turn within {within} rehearsals)",
            covering.join(", "),
            if covering.len() == 1 { "has" } else { "have" },
            left_out.join(", ")
        ))
    }
}
