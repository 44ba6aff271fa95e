//! The search: dichotomic insertion over the results that are there, up to the first one that is missing.

use serde::{Deserialize, Serialize};

use super::answer::{Cause, Range, Without};
use super::results::{Care, Results, Verdict};
use super::space::{Hybrid, Space};

/// What a rehearsal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Whether an end is what it was.
    End,
    /// Which half it is.
    Search,
    /// Whether what was found is red by itself.
    Alone,
    /// Whether the red site is green without it.
    Without,
}

/// A rehearsal whose result is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    pub hybrid: Hybrid,
    pub purpose: Purpose,
}

/// Hybrids that are tried at one split before its units are taken as one.
const MOST_TRIED: usize = 10;
/// More units are never said to be needed together: rather nobody knows.
const MOST_TOGETHER: usize = 4;

/// A unit that was found, and the hybrid that became red with it.
#[derive(Debug, Clone)]
struct Located {
    unit: usize,
    base: Hybrid,
}

/// What a unit is to a cause.
#[derive(Debug)]
enum Role {
    Needed(Without),
    /// It only has to be there.
    Beside,
    /// What is there with it is as red without it.
    Spare(Hybrid),
}

/// One way through the experiment, as far as the results go.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) space: &'a Space,
    pub(super) results: &'a Results,
    /// Where it is now, for whoever has to end it here.
    pub(super) range: Range,
}

impl Search<'_> {
    /// What is known of a hybrid.
    ///
    /// # Errors
    /// It has to be rehearsed first.
    pub(super) fn judge(&self, hybrid: &Hybrid, purpose: Purpose) -> Result<Verdict, Trial> {
        let is_proof = matches!(purpose, Purpose::Alone | Purpose::Without);
        let care = if is_proof && self.results.contrary() > 0 { Care::Twice } else { Care::Once };
        let missing = || Trial { hybrid: hybrid.clone(), purpose };
        self.results.verdict(hybrid, care).ok_or_else(missing)
    }

    pub(super) fn judge_twice(&self, hybrid: &Hybrid, purpose: Purpose) -> Result<Verdict, Trial> {
        let missing = || Trial { hybrid: hybrid.clone(), purpose };
        self.results.verdict(hybrid, Care::Twice).ok_or_else(missing)
    }

    /// A smallest set of units that makes the red, within a hybrid that has it. `None` where that cannot be told:
    /// the range has what is known.
    ///
    /// # Errors
    /// What has to be rehearsed first.
    pub(super) fn cause(&mut self, whole: &Hybrid) -> Result<Option<Cause>, Trial> {
        self.cause_within(whole, whole.clone())
    }

    /// The same within a smaller hybrid that is red.
    fn cause_within(&mut self, whole: &Hybrid, mut top: Hybrid) -> Result<Option<Cause>, Trial> {
        let mut found: Vec<Located> = Vec::new();
        loop {
            let alone = self.alone(&found);
            let needed = found.iter().map(|located| located.unit).collect();
            self.range = Range { needed, one_of: Vec::new() };
            let purpose = if found.is_empty() { Purpose::End } else { Purpose::Alone };
            if self.judge(&alone, purpose)? == Verdict::Red {
                return self.prove(whole, &found);
            }
            let block: Vec<usize> = top.units().filter(|unit| !alone.has(*unit)).collect();
            let (base, group) = self.locate(alone, block)?;
            top = self.space.closed(&base.with(&group));
            let [unit] = group[..] else {
                // Nobody can tell them apart; that it is among them is looked at again.
                self.judge_twice(&base, Purpose::Search)?;
                self.judge_twice(&top, Purpose::Search)?;
                return Ok(None);
            };
            if found.len() == MOST_TOGETHER {
                self.range = Range { needed: Vec::new(), one_of: whole.units().collect() };
                return Ok(None);
            }
            found.push(Located { unit, base });
        }
    }

    /// The one unit of a block with which a hybrid becomes red; several where they cannot be told apart.
    fn locate(
        &mut self,
        mut base: Hybrid,
        mut block: Vec<usize>,
    ) -> Result<(Hybrid, Vec<usize>), Trial> {
        self.range.one_of.clone_from(&block);
        while block.len() > 1 {
            let Some((halved, rest)) = self.halve(&base, &block)? else { break };
            (base, block) = (halved, rest);
            self.range.one_of.clone_from(&block);
        }
        Ok((base, block))
    }

    /// The base and the block after one split, the first that has an answer.
    fn halve(&self, base: &Hybrid, block: &[usize]) -> Result<Option<(Hybrid, Vec<usize>)>, Trial> {
        let mut tried: Vec<Hybrid> = Vec::new();
        for part in self.parts(block) {
            let hybrid = self.space.closed(&base.with(&part));
            let rest: Vec<usize> =
                block.iter().copied().filter(|unit| !hybrid.has(*unit)).collect();
            if rest.is_empty() || tried.contains(&hybrid) {
                continue;
            }
            if tried.len() == MOST_TRIED {
                break;
            }
            match self.judge(&hybrid, Purpose::Search)? {
                Verdict::Green => return Ok(Some((hybrid, rest))),
                Verdict::Red => {
                    let block = block.iter().copied().filter(|unit| hybrid.has(*unit)).collect();
                    return Ok(Some((base.clone(), block)));
                }
                Verdict::Unresolved => tried.push(hybrid),
            }
        }
        Ok(None)
    }

    /// The parts of a block that are tried: one half, else the other one, else finer parts and all but these.
    fn parts(&self, block: &[usize]) -> Vec<Vec<usize>> {
        let (one, two) = block.split_at(self.place_of_split(block));
        let mut parts = vec![one.to_vec(), two.to_vec()];
        let mut pieces = 4;
        while pieces / 2 < block.len() {
            for piece in block.chunks(block.len().div_ceil(pieces)) {
                parts.push(piece.to_vec());
                parts.push(block.iter().copied().filter(|unit| !piece.contains(unit)).collect());
            }
            pieces *= 2;
        }
        parts
    }

    /// Where a block is split, so that it takes no more splits than halving does: between units that change images
    /// and others, where that can be; else as near to the most suspicious as can be.
    fn place_of_split(&self, block: &[usize]) -> usize {
        // The most that all splits but this one can tell apart.
        let half = block.len().next_power_of_two() / 2;
        let least = (block.len() - half).max(1);
        let images = block.iter().position(|unit| self.space.units()[*unit].changes_image);
        images.filter(|place| (least..=half).contains(place)).unwrap_or(least)
    }

    /// The cause with its proofs, or a smaller one.
    fn prove(&mut self, whole: &Hybrid, found: &[Located]) -> Result<Option<Cause>, Trial> {
        let mut cause = Cause { alone: self.alone(found), ..Cause::default() };
        for place in 0..found.len() {
            match self.role(whole, found, place)? {
                Role::Spare(others) => return self.cause_within(whole, others),
                Role::Beside => cause.beside.push(found[place].unit),
                Role::Needed(without) => cause.without.push(without),
            }
        }
        Ok(Some(cause))
    }

    /// What one of those that are red together is to the others: seen with all but it, and without it.
    fn role(&self, whole: &Hybrid, found: &[Located], place: usize) -> Result<Role, Trial> {
        let located = &found[place];
        let alone = self.alone(found);
        let others = self.space.without(&alone, &[located.unit]);
        let with_others = match found.len() {
            _ if others.is_empty() => Verdict::Green,
            1 => self.judge(&others, Purpose::Alone)?,
            // One accident on the way makes two of one.
            _ => self.judge_twice(&others, Purpose::Alone)?,
        };
        let mut hybrid = self.space.without(whole, &[located.unit]);
        let mut verdict = match with_others {
            Verdict::Red => return Ok(Role::Spare(others)),
            Verdict::Green => self.judge(&hybrid, Purpose::Without)?,
            Verdict::Unresolved => self.judge_twice(&hybrid, Purpose::Without)?,
        };
        match verdict {
            // It is as red without it, and with the others alone it fails otherwise.
            Verdict::Red if with_others == Verdict::Unresolved => return Ok(Role::Beside),
            // There is another cause, if this one is none by accident.
            Verdict::Red => drop(self.judge_twice(&alone, Purpose::Alone)?),
            Verdict::Unresolved if found.len() == 1 => (hybrid, verdict) = self.step(located)?,
            Verdict::Unresolved | Verdict::Green => {}
        }
        Ok(Role::Needed(Without { unit: located.unit, hybrid, verdict }))
    }

    /// The green hybrid to which a unit was added, if both stand when they are looked at again.
    fn step(&self, located: &Located) -> Result<(Hybrid, Verdict), Trial> {
        let Located { unit, base, .. } = located;
        let with = self.space.closed(&base.with(&[*unit]));
        let holds = self.judge_twice(base, Purpose::Without)? == Verdict::Green
            && self.judge_twice(&with, Purpose::Alone)? == Verdict::Red;
        Ok((base.clone(), if holds { Verdict::Green } else { Verdict::Unresolved }))
    }

    fn alone(&self, found: &[Located]) -> Hybrid {
        self.space.closed(&found.iter().map(|located| located.unit).collect())
    }
}
