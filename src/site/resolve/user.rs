//! `user`.

use super::Resolver;
use super::value::{self, Complaint, Judged};
use crate::site::file::UserFile;
use crate::site::model::{Account, LoginHome};
use crate::site::problem::KeyPath;
use crate::site::value::UserName;

impl Resolver<'_> {
    pub(super) fn user(&mut self, written: &UserFile) -> Option<(UserName, Account)> {
        let path = KeyPath::from(["user"]);
        let UserFile::Described(described) = written else {
            return Some((self.take(&path, login_name(written.name()))?, Account::default()));
        };
        // A missing name is reported already.
        let at = path.key("name");
        let name = described.name.as_deref().and_then(|name| self.take(&at, login_name(name)));
        let home = self.take_some(&path.key("home"), described.home.as_deref(), login_home);
        let groups = path.key("groups");
        self.no_twins(&groups, &described.groups);
        let groups = self.take_all(&groups, &described.groups, value::parsed);
        Some((name?, Account { home: home?, groups: groups? }))
    }
}

fn login_name(text: &str) -> Judged<UserName> {
    match text {
        "root" => Err(Complaint::new("the app cannot run as root").hint("such as `user: app`")),
        _ => value::parsed(text),
    }
}

fn login_home(text: &str) -> Judged<LoginHome> {
    match text {
        "none" | "/nonexistent" => Ok(LoginHome::Nowhere),
        _ if !text.starts_with('/') => {
            Err(Complaint::new(format!("`{text}` is neither `none` nor an absolute path"))
                .hint("write `none`, or the sixth field of the user's line in /etc/passwd"))
        }
        _ if text.contains(':') => Err(Complaint::new(format!(
            "`{text}` has a colon, which no line of /etc/passwd can say"
        ))),
        _ => value::site_path(text).map(LoginHome::At),
    }
}
