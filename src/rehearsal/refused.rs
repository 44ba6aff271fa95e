//! What the replica's containers asked for beyond the replica, and were refused: names that the resolver
//! does not know, and addresses that nothing leads to. The resolver's log has both.

use std::collections::{BTreeMap, BTreeSet};

use crate::docker::Engine;
use crate::event::What;
use crate::failure::Failure;
use crate::inside::Replica;
use crate::replica::Addresses;
use crate::site::{HostName, Site};

/// Lines of the resolver's log that are searched.
const SEARCHED: usize = 100_000;

/// What stands for addresses beyond the replica.
const BEYOND: &str = "addresses beyond its network";
/// Questions that follow each other by less, in seconds, are of one attempt.
const VOLLEY: f64 = 0.1;

/// How often something was asked for, and by whom.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    times: u32,
    /// Roles.
    by: BTreeSet<String>,
}

/// Reports what the replica was refused, of a green site, too: on the live host it may well lead
/// somewhere.
///
/// # Errors
/// Infrastructure: the resolver's log cannot be read.
pub(super) async fn note<E: Engine>(replica: &Replica<'_, E>) -> Result<(), Failure> {
    let lines = replica.engine.logs(&replica.handles.resolver, SEARCHED).await?;
    let addresses = &replica.handles.addresses;
    let names = names(&lines, addresses).into_iter();
    let names = names.filter(|(name, _)| !is_only_searched(replica.site, name));
    let strays = strays(&lines, addresses).map(|asked| (BEYOND.to_owned(), asked));
    for (name, Asked { times, by }) in names.chain(strays) {
        let name = replica.secrets.redact(&name);
        replica.events.emit(What::NameRefused { name, times, by: by.into_iter().collect() });
    }
    Ok(())
}

/// Whether the name is one of the replica's with a search domain behind it: the look-up of the name
/// itself, and nobody went outside.
fn is_only_searched(site: &Site, name: &str) -> bool {
    let services = site.services.values().flat_map(|service| &service.names);
    let known: Vec<&str> = site
        .names
        .iter()
        .chain(services)
        .chain(site.outside.keys())
        .map(HostName::as_str)
        .collect();
    site.host.resolver.search.iter().any(|domain| {
        let short = name.strip_suffix(domain.as_str()).and_then(|rest| rest.strip_suffix('.'));
        short.is_some_and(|short| known.contains(&short))
    })
}

/// Names that the resolver refused, from dnsmasq's log. It is written in pairs of a question and
/// its answer: `query[A] NAME from ADDRESS`, `config error is REFUSED` (or, below one of the site's
/// names, `config NAME is NXDOMAIN`). A name that has any other
/// answer is one of the site's own, refused for a type of record that it does not have.
fn names(lines: &[String], addresses: &Addresses) -> BTreeMap<String, Asked> {
    let mut refused: BTreeMap<&str, (BTreeMap<&str, u32>, BTreeSet<String>)> = BTreeMap::new();
    let mut own = BTreeSet::new();
    let mut question = None;
    let mut refuse = |(kind, name, from)| {
        let (kinds, by) = refused.entry(name).or_default();
        *kinds.entry(kind).or_default() += 1;
        by.insert(addresses.owner(from));
    };
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        match words[..] {
            [kind, name, "from", from, ..] if kind.starts_with("query[") => {
                question = Some((kind, name, from));
            }
            ["config", "error", "is", answer, ..] if answer.starts_with("REFUSED") => {
                question.take().into_iter().for_each(&mut refuse);
            }
            // A name below one of the site's: the site has the domain, but not that name.
            ["config", name, "is", "NXDOMAIN", ..] => {
                let asked = question.take().filter(|(_, asked, _)| *asked == name);
                asked.into_iter().for_each(&mut refuse);
            }
            ["config", name, "is", ..] => {
                own.insert(name);
            }
            _ => {}
        }
    }
    refused.retain(|name, _| !own.contains(name));
    let asked = refused.into_iter().map(|(name, (kinds, by))| {
        // Each look-up asks for both kinds of address.
        let times = kinds.into_values().max().unwrap_or_default();
        (name.to_owned(), Asked { times, by })
    });
    asked.collect()
}

/// Who sent to addresses beyond the replica. As nobody is where the network would have its gateway, each
/// attempt is a volley of questions for it, which tcpdump writes down: `TIME ARP, Request who-has GATEWAY
/// tell FROM, length 28`. Which address it was is in no packet.
fn strays(lines: &[String], addresses: &Addresses) -> Option<Asked> {
    let mut asked = Asked::default();
    let mut last: BTreeMap<String, f64> = BTreeMap::new();
    for line in lines {
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let [at, "ARP", "Request", "who-has", _, "tell", from, ..] = words[..] else { continue };
        let Ok(at) = at.parse::<f64>() else { continue };
        let by = addresses.owner(from);
        let before = last.insert(by.clone(), at);
        if before.is_none_or(|before| at - before > VOLLEY) {
            asked.times += 1;
            asked.by.insert(by);
        }
    }
    (asked.times > 0).then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Subnet;
    use crate::replica::fixture::{SHOP, Stand};

    fn list_asked(asked: BTreeMap<String, Asked>) -> Vec<String> {
        let line = |(name, Asked { times, by }): (String, Asked)| {
            format!("{name} x{times} by {}", by.into_iter().collect::<Vec<_>>().join(" "))
        };
        asked.into_iter().map(line).collect()
    }

    fn addresses() -> Addresses {
        let stand = Stand::new(&[("site", SHOP)]);
        Addresses::new(stand.site(), Subnet::nth(0))
    }

    #[test]
    fn refused_names_are_counted() {
        // As dnsmasq 2.90 of Debian 12 writes it.
        let lines = [
            "dnsmasq[1]: started, version 2.90 cache disabled",
            "dnsmasq[1]: query[A] api.pay.example from 10.231.0.3",
            "dnsmasq[1]: config error is REFUSED (EDE: not ready)",
            "dnsmasq[1]: query[AAAA] api.pay.example from 10.231.0.3",
            "dnsmasq[1]: config error is REFUSED (EDE: not ready)",
            "dnsmasq[1]: query[A] www.site.example from 10.231.0.3",
            "dnsmasq[1]: config www.site.example is 10.231.0.3",
            "dnsmasq[1]: query[AAAA] www.site.example from 10.231.0.3",
            "dnsmasq[1]: config error is REFUSED (EDE: not ready)",
            "dnsmasq[1]: query[A] api.pay.example from 127.0.0.1",
            "dnsmasq[1]: config error is REFUSED",
            "dnsmasq[1]: query[A] mail.site.example from 10.231.0.3",
            "dnsmasq[1]: config mail.site.example is NXDOMAIN",
            "dnsmasq[1]: query[AAAA] www.site.example from 10.231.0.3",
            "dnsmasq[1]: config www.site.example is NODATA-IPv6",
        ];
        let names = names(&lines.map(str::to_owned), &addresses());
        assert_eq!(
            list_asked(names),
            ["api.pay.example x2 by app suite", "mail.site.example x1 by app"]
        );
    }

    #[test]
    fn who_looks_for_a_way_out_is_counted_once_a_volley() {
        // As tcpdump 4.99 of Debian 12 writes it with `-n -tt`.
        let lines = [
            "dnsmasq[1]: query[A] www.site.example from 10.231.0.3",
            "1795662000.100000 ARP, Request who-has 10.231.0.1 tell 10.231.0.3, length 28",
            "1795662000.110020 ARP, Request who-has 10.231.0.1 tell 10.231.0.3, length 28",
            "1795662000.111000 ARP, Request who-has 10.231.0.1 tell 10.231.0.4, length 28",
            "1795662000.120050 ARP, Request who-has 10.231.0.1 tell 10.231.0.3, length 28",
            "1795662002.500000 ARP, Request who-has 10.231.0.1 tell 10.231.0.3, length 28",
            "1795662002.9 ARP, Requ",
        ];
        let asked = strays(&lines.map(str::to_owned), &addresses()).unwrap();
        assert_eq!(asked.times, 3);
        assert_eq!(asked.by, ["app", "cache"].map(str::to_owned).into());
        assert_eq!(
            strays(
                &lines[..1].iter().map(|&line| line.to_owned()).collect::<Vec<_>>(),
                &addresses()
            ),
            None
        );
    }
}
