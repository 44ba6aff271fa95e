//! `services.NAME.weather`.

use std::time::Duration;

use super::super::value::{Complaint, Judged};
use super::super::{Resolver, amount};
use crate::site::file::ServiceFile;
use crate::site::model::{ServiceHost, ServiceKind, Share, Weather};
use crate::site::problem::KeyPath;

/// The diagnosis waits for an answer, and so does everybody else.
const LONGEST: Duration = Duration::from_secs(5);
/// What a first answer and a handshake of TLS need.
const LEAST_CUT: u64 = 16 << 10;
const LEAST_RATE: u64 = 1 << 10;

impl Resolver<'_> {
    #[expect(
        clippy::option_option,
        reason = "the outer one is the judgement, the inner one the key"
    )]
    pub(super) fn weather(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
    ) -> Option<Option<Weather>> {
        let Some(written) = &file.weather else { return Some(None) };
        let path = path.key("weather");
        if file.host == ServiceHost::App {
            let complaint = Complaint::new("there is no network between the app and its own host");
            self.complain_of_key(&path, complaint.hint("take `host: app` or `weather` out"));
            return None;
        }
        if written.black_hole {
            self.nothing_in_a_black_hole(&path);
        }
        let latency = self.take_some(&path.key("latency"), written.latency.as_deref(), time);
        let jitter = self.take_some(&path.key("jitter"), written.jitter.as_deref(), time);
        let loss = self.take_some(&path.key("loss"), written.loss.as_deref(), share);
        let rate = |text: &str| amount::size_of_at_least(text, LEAST_RATE);
        let rate = self.take_some(&path.key("rate"), written.rate.as_deref(), rate);
        let cut = |text: &str| amount::size_of_at_least(text, LEAST_CUT);
        let cut_after = self.take_some(&path.key("cut_after"), written.cut_after.as_deref(), cut);
        let weather = Weather {
            latency: latency?,
            jitter: jitter?,
            loss: loss?,
            rate: rate?,
            cut_after: cut_after?,
            black_hole: written.black_hole,
        };
        Some(Some(weather).filter(|weather| *weather != Weather::default()))
    }

    /// What is said beside `black_hole` would never be seen.
    fn nothing_in_a_black_hole(&mut self, path: &KeyPath) {
        for key in ["latency", "jitter", "loss", "rate", "cut_after"] {
            let at = path.key(key);
            if self.tree.find(&at).is_some() {
                let complaint = Complaint::new("nothing comes through a black hole");
                self.complain_of_key(
                    &at,
                    complaint.hint(format!("take `{key}` out, or `black_hole`")),
                );
            }
        }
    }

    /// The weather is made where the service is asked for.
    pub(super) fn weather_has_a_port(
        &mut self,
        path: &KeyPath,
        file: &ServiceFile,
        kind: &ServiceKind,
    ) {
        if file.weather.is_some() && kind.ports(file.tls).open().next().is_none() {
            let complaint = Complaint::new("where the app finds the service is not said");
            self.complain_of_key(&path.key("weather"), complaint.hint("say its `port`"));
        }
    }
}

fn time(text: &str) -> Judged<Duration> {
    let duration = amount::duration(text)?;
    if duration > LONGEST {
        return Err(Complaint::new(format!("`{text}` is more than {LONGEST:?}"))
            .hint("a service that never answers is `black_hole: true`"));
    }
    Ok(duration)
}

/// `1%`, `0.5%`.
fn share(text: &str) -> Judged<Share> {
    let wrong = || {
        Complaint::new(format!("`{text}` is not a share of packets"))
            .hint("write it in percent: 1%, 0.5%; `black_hole: true` is all of them")
    };
    let number = text.strip_suffix('%').map(str::trim_end).ok_or_else(wrong)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(wrong());
    }
    let percent: f64 = number.parse().map_err(|_| wrong())?;
    // At 50 % hardly a connection begins: TCP gives up.
    if !(0.0001..=50.0).contains(&percent) {
        return Err(wrong().hint("write 0.0001% to 50%; `black_hole: true` is all of them"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 500000")]
    Ok(Share((percent * 1e4).round() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_percent() {
        let table = [
            ("1%", Some(10_000)),
            ("0.5 %", Some(5_000)),
            ("50%", Some(500_000)),
            ("0.0001%", Some(1)),
            ("0%", None),
            ("100%", None),
            ("0.01", None),
            ("-1%", None),
            ("1e1%", None),
            ("%", None),
        ];
        for (text, expected) in table {
            assert_eq!(share(text).ok(), expected.map(Share), "{text}");
        }
    }
}
