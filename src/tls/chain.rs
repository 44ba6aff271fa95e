//! A chain of certificates of a described shape, below a project's root.

use std::fmt;

use jiff::Timestamp;
use rcgen::{Error, KeyPair};

use super::encode::{Issuing, Recipe, pem};
use super::key::issuing_key;
use super::recipe;
use super::root::Root;
pub(super) use super::term::{END, Term, certificate_of};
use crate::site::{
    CertificateShape, Form, IssuedBy, Link, Name, SentChain, Signer, Validity, client_usage_der,
    common_name_der,
};

/// What a server needs to be a site, and what its clients need to trust it.
#[derive(Clone, PartialEq, Eq)]
pub struct Chain {
    /// What the server sends: the leaf, then the intermediates; without the root.
    pub certificates_pem: String,
    /// The intermediates that it leaves out, for those who look whether that is all that is wrong.
    pub left_out_pem: String,
    /// The leaf's private key (PKCS#8). A secret: it never enters an image, a log or a report.
    pub key_pem: String,
    /// What has to be trusted: the project's root, or roots of its own.
    pub root_pem: String,
    /// Roots of its own, each as PEM: those of a private authority.
    pub own_roots: Vec<String>,
    /// The names that the leaf is for.
    pub names: Vec<String>,
    pub not_after: Timestamp,
}

impl fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Chain")
            .field("names", &self.names)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// A chain's certificates as PEM.
pub(super) struct Issued {
    /// The leaf, then what is above it.
    pub(super) certificates_pem: String,
    /// Roots of its own, that are trusted instead of the project's.
    pub(super) roots_pem: String,
}

/// How many roots of its own a shape has.
pub(super) fn own_roots(shape: &CertificateShape) -> usize {
    if shape.authority.is_empty() {
        shape.links.iter().filter(|link| link.form.signer == Signer::Itself).count()
    } else {
        shape.authority.len()
    }
}

/// Who signs a certificate of a chain.
enum By {
    Member(usize),
    Project,
    Unknown(Box<KeyPair>),
}

/// A certificate of a chain.
struct Member<'a> {
    recipe: Recipe,
    key: &'a KeyPair,
    by: By,
}

/// Makes the certificates of a chain for the leaf's key and those of its links and roots.
pub(super) fn issue(
    root: &Root,
    shape: &CertificateShape,
    key: &KeyPair,
    keys: &[KeyPair],
    leaf: Term,
    above: Term,
) -> Result<Issued, Error> {
    let usual = usual_intermediates(shape);
    let made = (0..usual)
        .map(|number| {
            // The described signature is the leaf's; those of the public intermediates vary.
            if number == 0 { issuing_key(shape.signature) } else { KeyPair::generate() }
        })
        .collect::<Result<Vec<KeyPair>, Error>>()?;
    let sent = 1 + usize::from(usual) + shape.links.len();
    let mut members: Vec<Member<'_>> = Vec::new();
    let mut add = |mut recipe: Recipe, key, signer: Signer| -> Result<(), Error> {
        let number = members.len();
        let is_top = number + 1 >= sent;
        if signer == Signer::Root || (signer == Signer::Next && is_top) {
            // What stands for the live issuer has a name of its own.
            recipe.issuer = None;
        }
        let root = if shape.authority.is_empty() { By::Project } else { By::Member(sent) };
        let by = match signer {
            Signer::Itself => By::Member(number),
            Signer::Number(other) => By::Member(other),
            Signer::Next if !is_top => By::Member(number + 1),
            Signer::Next | Signer::Root => root,
            Signer::Unknown => By::Unknown(Box::new(issuing_key(recipe.signature)?)),
        };
        members.push(Member { recipe, key, by });
        Ok(())
    };
    let own = shape.issuer == IssuedBy::Itself;
    let signer = if own { Signer::Itself } else { shape.form.signer };
    let recipe = recipe::leaf(shape, key, leaf);
    let named = recipe.issuer.clone().filter(|_| usual > 0).map(Name);
    add(recipe, key, signer)?;
    let name = |below: u8| {
        let number = usize::from(usual) + shape.links.len() - usize::from(below);
        format!("stagectl rehearsal intermediate {number}")
    };
    for (below, key) in (0..usual).zip(&made) {
        // Nothing is known of it but its name.
        let subject = named.clone().filter(|_| below == 0);
        let form = Form { subject, ..Form::default() };
        add(recipe::intermediate(&form, &name(below), below, key, above), key, Signer::Next)?;
    }
    for ((link, key), below) in shape.links.iter().zip(keys).zip(0..) {
        let recipe =
            recipe::intermediate(&link.form, &name(below), below, key, link_term(link, above));
        add(Recipe { signature: link.signature, ..recipe }, key, link.form.signer)?;
    }
    for (link, key) in shape.authority.iter().zip(&keys[shape.links.len()..]) {
        let name = "stagectl rehearsal authority";
        let term = link_term(link, above);
        let recipe = recipe::root(&link.form, name, None, Vec::new(), key, term);
        add(Recipe { signature: link.signature, ..recipe }, key, Signer::Itself)?;
    }
    sign_all(root, members, sent, !shape.authority.is_empty())
}

/// Those that no description and no file mentions.
fn usual_intermediates(shape: &CertificateShape) -> u8 {
    let is_known = !shape.links.is_empty() || shape.issuer == IssuedBy::Itself;
    if is_known { 0 } else { shape.intermediates }
}

fn link_term(link: &Link, above: Term) -> Term {
    if link.valid == Validity::Usual { above } else { Term::of(link.valid, Timestamp::now()) }
}

fn sign_all(
    root: &Root,
    members: Vec<Member<'_>>,
    sent: usize,
    has_authority: bool,
) -> Result<Issued, Error> {
    let project = root.issuing()?;
    let subjects: Vec<Vec<u8>> =
        members.iter().map(|member| member.recipe.subject.clone()).collect();
    let unknown = |recipe: &Recipe| {
        let name = recipe.issuer.clone();
        name.unwrap_or_else(|| common_name_der("stagectl rehearsal stranger"))
    };
    let issuings: Vec<Issuing> = members
        .iter()
        .map(|Member { recipe, key, by }| match by {
            By::Member(number) => recipe.issuing(key, &subjects[*number]),
            By::Project => recipe.issuing(key, &project.subject),
            By::Unknown(_) => recipe.issuing(key, &unknown(recipe)),
        })
        .collect();
    let mut issued = Issued { certificates_pem: String::new(), roots_pem: String::new() };
    for (number, Member { recipe, key, by }) in members.iter().enumerate() {
        let der = match by {
            By::Member(other) => recipe.signed(key, &issuings[*other], members[*other].key)?,
            By::Project => recipe.signed(key, &project, &root.key()?)?,
            By::Unknown(strange) => {
                let name = unknown(recipe);
                let stranger = recipe::root(
                    &Form { subject: Some(Name(name.clone())), ..Form::default() },
                    "",
                    None,
                    Vec::new(),
                    strange,
                    recipe.term,
                );
                recipe.signed(key, &stranger.issuing(strange, &name), strange)?
            }
        };
        let is_root = if has_authority {
            number >= sent
        } else {
            number > 0 && matches!(by, By::Member(own) if *own == number)
        };
        if number < sent {
            issued.certificates_pem.push_str(&pem(&der));
        }
        if is_root {
            issued.roots_pem.push_str(&pem(&der));
        }
    }
    Ok(issued)
}

/// A root for clients, and the certificate of one that it has issued for a key; both as PEM.
pub(super) fn issue_client(
    name: &str,
    key: &KeyPair,
    term: Term,
) -> Result<(String, String), Error> {
    let root_key = KeyPair::generate()?;
    let own = "stagectl rehearsal clients";
    let root = recipe::root(&Form::default(), own, Some(0), Vec::new(), &root_key, term);
    let issuing = root.issuing(&root_key, &root.subject);
    let root_pem = pem(&root.signed(&root_key, &issuing, &root_key)?);
    let client = recipe::client(name, client_usage_der(), key, term);
    Ok((root_pem, pem(&client.signed(key, &issuing, &root_key)?)))
}

/// What the server sends of a chain, and what it leaves out.
pub(super) fn split(certificates_pem: &str, sent: SentChain) -> (&str, &str) {
    match (sent, certificates_pem.find(END)) {
        (SentChain::LeafOnly, Some(end)) => certificates_pem.split_at(end + END.len()),
        _ => (certificates_pem, ""),
    }
}

/// The public key of a certificate.
pub(super) fn key_in(certificate_pem: &str) -> Option<Vec<u8>> {
    let (_, block) = x509_parser::pem::parse_x509_pem(certificate_pem.as_bytes()).ok()?;
    Some(certificate_of(&block).ok()?.public_key().raw.to_vec())
}
