//! `outside`: hosts beyond the site, and that their names are nobody else's.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::known::Insiders;
use super::value::{self, Complaint};
use super::{Resolver, Wanted, stub};
use crate::site::file::OutsideFile;
use crate::site::model::{Outside, Stub};
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

/// What other tools call all hosts that are not named.
const ALL_OTHERS: [&str; 6] = ["all", "any", "default", "else", "other", "others"];

impl Resolver<'_> {
    pub(super) fn outside(
        &mut self,
        files: &BTreeMap<String, OutsideFile>,
        insiders: &Insiders<'_>,
    ) -> Option<BTreeMap<HostName, Outside>> {
        let path = KeyPath::from(["outside"]);
        let judged: Vec<_> = files
            .iter()
            .map(|(written, file)| {
                let at = path.key(written);
                let host = match value::host(written) {
                    Ok(host) => Some(host),
                    Err(complaint) => {
                        self.complain_of_key(&at, complaint);
                        None
                    }
                };
                if ALL_OTHERS.contains(&written.to_lowercase().as_str()) {
                    let message = format!("`{written}` is taken for the name of a host, and nothing here stands for all others");
                    let hint = "every name that is not listed is refused at once, and reported: list those that the app needs";
                    self.complain_of_key(&at, Complaint::new(message).hint(hint));
                }
                if written.parse::<Ipv4Addr>().is_ok() {
                    let message = format!("`{written}` is an address, and only names lead out");
                    let hint = "write the name that the app has for the host";
                    self.complain_of_key(&at, Complaint::new(message).hint(hint));
                }
                if let Some(owner) = host.as_ref().and_then(|host| insiders.owner(host)) {
                    let message = format!("`{written}` leads to {owner} already");
                    let hint = "a host beyond the site has a name that nothing of the site has";
                    self.complain_of_key(&at, Complaint::new(message).hint(hint));
                }
                let outside = self.outside_host(&at, file);
                Some((host?, outside?))
            })
            .collect();
        judged.into_iter().collect()
    }

    fn outside_host(&mut self, path: &KeyPath, file: &OutsideFile) -> Option<Outside> {
        let hint = "write `allow`, or `{stub: stubs/pay.yaml}`";
        match file {
            OutsideFile::Word(word) if word == "allow" => Some(Outside::Allow),
            OutsideFile::Word(word) => {
                let complaint = Complaint::new(format!("`{word}` says nothing of a host"));
                self.complain(path, complaint.hint(hint));
                None
            }
            OutsideFile::Stubbed { stub: None } => {
                if !self.had(path) {
                    let complaint = Complaint::new("it is not said what becomes of the host");
                    self.complain(path, complaint.hint(hint));
                }
                None
            }
            OutsideFile::Stubbed { stub: Some(written) } => {
                let file = self.take_path(&path.key("stub"), Some(written), Wanted::File)??;
                self.note_credential_of(&path.key("stub"), &file);
                match stub::read(self.folders, &file) {
                    Ok(requests) => Some(Outside::Stub(Stub { file, requests })),
                    Err(problems) => {
                        self.problems.extend(problems);
                        None
                    }
                }
            }
        }
    }
}
