//! `live`.

use super::pins::Written;
use super::value::{self, Complaint, Judged};
use super::{Resolver, Wanted, amount};
use crate::site::file::{
    DowntimeFile, InstallFile, LiveInstallFile, SiteFile, VisitorCommandFile, VisitorFile,
};
use crate::site::model::{Downtime, Live, Visitor};
use crate::site::problem::KeyPath;

/// Pages that are asked one after the other, ten times a second.
const MOST_PAGES: usize = 20;

/// A path of the site, as it goes over the wire.
fn page(text: &str) -> Judged<String> {
    let is_path = text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_path {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("`{text}` is not a path of the site"))
        .hint("it begins with `/`, has no name of a host, and is as a browser sends it, such as /list?page=2"))
}

impl Resolver<'_> {
    pub(super) fn live(&mut self, file: &SiteFile) -> Option<Live> {
        let path = KeyPath::from(["live"]);
        let folders = self.folders;
        let release = self.take_some(&path.key("release"), file.live.release.as_deref(), |text| {
            folders.find_later(text, Wanted::Either)
        });
        let index =
            self.take_some(&path.key("index"), file.live.index.as_deref(), value::published);
        if file.live.release.is_some() && file.live.index.is_some() {
            let complaint = Complaint::new("`live.release` says what is live");
            self.complain_of_key(
                &path.key("index"),
                complaint.hint("take out the one or the other"),
            );
        }
        let LiveInstallFile { requirements, constraints, as_of } = &file.live.install;
        let written = Written {
            requirements: requirements.as_deref(),
            constraints: constraints.as_deref(),
            as_of: as_of.as_deref(),
        };
        // They are those of the release, whichever it is.
        let InstallFile { with, extras, .. } = &file.install;
        let install = self.pins(&path.key("install"), written, (*with, extras));
        let at = path.key("suite").key("select");
        let written = file.live.suite.select.as_deref();
        let select = self.take_some(&at, written, value::line);
        let has_command = file.critical.as_ref().is_some_and(|critical| critical.run.is_some());
        if written.is_some() && has_command {
            let complaint = Complaint::new("`select` goes with pytest, not with `critical.run`");
            let hint = "take it out: the command runs on the live release as it is";
            self.complain_of_key(&at, complaint.hint(hint));
        }
        let visit = self.visitor(&path.key("visit"), file.live.visit.as_ref());
        let traffic = self.traffic(&path.key("traffic"), file.live.traffic.as_deref());
        let (release, index, install, select) = (release?, index?, install?, select?);
        Some(Live { release, index, install, select, visit, traffic })
    }

    /// `None` without one, and where its problem is reported.
    fn visitor(&mut self, path: &KeyPath, file: Option<&VisitorFile>) -> Option<Visitor> {
        match file? {
            VisitorFile::Script(script) => {
                self.take_path(path, Some(script), Wanted::File)?.map(Visitor::Script)
            }
            VisitorFile::Described(VisitorCommandFile { run }) => {
                let run = run.clone()?;
                if run.trim().is_empty() {
                    self.complain(&path.key("run"), Complaint::new("the command is empty"));
                }
                Some(Visitor::Command { run })
            }
        }
    }

    /// The pages of `live.traffic`; `None` without it, and where its problem is reported.
    fn traffic(&mut self, path: &KeyPath, pages: Option<&[String]>) -> Option<Vec<String>> {
        let pages = pages?;
        if pages.is_empty() || pages.len() > MOST_PAGES {
            let complaint = Complaint::new(if pages.is_empty() {
                "no page is there".to_owned()
            } else {
                format!(
                    "{} pages are more than {MOST_PAGES}: each would be asked too seldom",
                    pages.len()
                )
            });
            let hint =
                "such as [/, /list]; without the key it is the pages that the suite asked for";
            self.complain(path, complaint.hint(hint));
            return None;
        }
        self.no_twins(path, pages);
        self.take_all(path, pages, page)
    }

    pub(super) fn downtime(&mut self, file: &DowntimeFile) -> Option<Downtime> {
        let at = KeyPath::from(["deploy", "downtime", "at_most"]);
        let at_most = self.take_some(&at, file.at_most.as_deref(), amount::duration)?;
        Some(Downtime { at_most })
    }
}
