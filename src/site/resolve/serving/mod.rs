//! `names`, `proxy`, `wsgi`, and the rules between them.

mod live;
mod options;
mod process;
mod proxy;
mod rules;
mod systemd;
mod wsgi;

use super::Resolver;
use super::value::{self, Complaint};
use crate::site::problem::KeyPath;
use crate::site::value::HostName;

impl Resolver<'_> {
    /// The exact names, and the domains of the wildcards (`*.` taken off).
    pub(super) fn names(&mut self, written: &[String]) -> Option<(Vec<HostName>, Vec<HostName>)> {
        let path = KeyPath::from(["names"]);
        if written.is_empty() {
            let complaint = Complaint::new("a site has at least one name");
            self.complain(&path, complaint.hint("such as `names: [www.site-b.example]`"));
            return None;
        }
        self.no_twins(&path, written);
        if written[0].starts_with("*.") {
            let complaint = Complaint::new("the first name is the site's address: no wildcard");
            self.complain(
                &path.key(0),
                complaint.hint("begin with the exact name that people use"),
            );
            return None;
        }
        let (mut names, mut wildcards) = (Some(Vec::new()), Some(Vec::new()));
        for (index, name) in written.iter().enumerate() {
            let (list, host) = match name.strip_prefix("*.") {
                Some(domain) => (&mut wildcards, domain),
                None => (&mut names, name.as_str()),
            };
            match self.take(&path.key(index), value::host(host)) {
                Some(host) => list.iter_mut().for_each(|list| list.push(host.clone())),
                None => *list = None,
            }
        }
        Some((names?, wildcards?))
    }
}
