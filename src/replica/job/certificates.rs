//! What the diagnosis shall see of TLS, and what stagectl's own clients show.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::replica::host::tls::{
    CLIENT_CERTIFICATE, CLIENT_KEY, LEFT_OUT, SELF_SIGNED, own_root, own_root_count, trust_lines,
};
use crate::site::{
    CertificateShape, ClientCertificate, IssuedBy, Moment, SentChain, Site, Tls, TrustPlace,
    Validity,
};

/// The certificate of stagectl's own clients.
#[derive(Debug, Serialize)]
pub(in crate::replica) struct ClientJob {
    /// Its file,
    certificate: &'static str,
    /// and that of its key.
    key: &'static str,
    /// Whether the site refuses who shows none.
    required: bool,
}

/// What the checks shall see of TLS.
#[derive(Debug, Serialize)]
pub(in crate::replica) struct TlsJob {
    /// Those that the site speaks, as Python's `ssl` calls them.
    versions: Vec<&'static str>,
    /// By the name that is asked for.
    certificates: BTreeMap<String, CertificateJob>,
    /// Those that it agrees to, as OpenSSL calls them; empty: nothing is described.
    ciphers: Vec<&'static str>,
    /// What clients show, if they are asked for a certificate.
    client: Option<ClientJob>,
    /// As `trust.sh` reads it; null where all is as usual.
    trust: Option<String>,
}

/// A certificate as it is described, and what is described to be wrong with it.
#[derive(Debug, Serialize)]
struct CertificateJob {
    names: Vec<String>,
    key: KeyJob,
    /// How many certificates are sent.
    sent: u8,
    self_signed: bool,
    /// Since when it is good; null: as usual.
    from: Option<MomentJob>,
    until: Option<MomentJob>,
    /// What clients shall find: `name`, `chain`, `form`, `self-signed`, `root`, `time`.
    wrong: Vec<&'static str>,
    /// The file of the intermediates that the site leaves out.
    left_out: Option<&'static str>,
    /// The files of the roots that it has beside the rehearsal's.
    own_roots: Vec<String>,
}

#[derive(Debug, Serialize)]
struct KeyJob {
    rsa: bool,
    bits: u16,
}

/// A moment, in seconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum MomentJob {
    /// From the start of the rehearsal.
    In(i64),
    /// Since 1970.
    At(i64),
}

impl ClientJob {
    #[must_use]
    pub(super) fn of(site: &Site) -> Option<Self> {
        let client = site.tls.as_ref()?.client.as_ref()?;
        Some(ClientJob {
            certificate: CLIENT_CERTIFICATE,
            key: CLIENT_KEY,
            required: client.certificate == ClientCertificate::Required,
        })
    }
}

impl TlsJob {
    /// What is seen by these names; none without TLS.
    #[must_use]
    pub(super) fn of(site: &Site, names: &[String]) -> Option<Self> {
        let tls = site.tls.as_ref()?;
        let shapes: Vec<&CertificateShape> = tls.shapes().collect();
        let of_name = |name: &String| {
            let shape = shapes[tls.serving(name)];
            (name.clone(), certificate_job(shape, shape.covers(name), tls))
        };
        Some(TlsJob {
            versions: tls.versions.iter().map(|version| version.word()).collect(),
            certificates: names.iter().map(of_name).collect(),
            ciphers: tls.ciphers.iter().map(|cipher| cipher.name()).collect(),
            client: ClientJob::of(site),
            trust: trust_lines(tls),
        })
    }
}

fn certificate_job(shape: &CertificateShape, is_covered: bool, tls: &Tls) -> CertificateJob {
    let is_own = shape.issuer == IssuedBy::Itself;
    let (from, until) = match shape.valid {
        Validity::Usual => (None, None),
        Validity::Described { from, until } => (from.map(moment), until.map(moment)),
    };
    CertificateJob {
        names: shape.names.clone(),
        key: KeyJob { rsa: shape.key.is_rsa(), bits: shape.key.bits() },
        sent: match shape.sent {
            SentChain::Whole => shape.intermediates + 1,
            SentChain::LeafOnly => 1,
        },
        self_signed: is_own,
        from,
        until,
        wrong: wrong(shape, is_covered, tls.trust.as_deref()),
        left_out: (shape.sent == SentChain::LeafOnly).then_some(LEFT_OUT),
        own_roots: if is_own {
            vec![SELF_SIGNED.to_owned()]
        } else {
            (0..own_root_count(tls)).map(own_root).collect()
        },
    }
}

/// What clients shall find wrong with it.
fn wrong(
    shape: &CertificateShape,
    is_covered: bool,
    trust: Option<&[TrustPlace]>,
) -> Vec<&'static str> {
    let has_system =
        |otherwise| trust.map_or(otherwise, |places| places.contains(&TrustPlace::System));
    let mut wrong = Vec::new();
    if !is_covered {
        wrong.push("name");
    }
    if shape.sent == SentChain::LeafOnly || shape.is_broken() {
        wrong.push("chain");
    }
    if shape.has_form() {
        // What a client thinks of it, it thinks of the live one.
        wrong.push("form");
    }
    if shape.issuer == IssuedBy::Itself {
        if !has_system(false) {
            wrong.push("self-signed");
        }
    } else if !has_system(true) {
        wrong.push("root");
    }
    if shape.valid != Validity::Usual {
        wrong.push("time");
    }
    wrong
}

fn moment(moment: Moment) -> MomentJob {
    match moment {
        Moment::In(offset) => MomentJob::In(offset.as_secs()),
        Moment::At(time) => MomentJob::At(time.as_second()),
    }
}
