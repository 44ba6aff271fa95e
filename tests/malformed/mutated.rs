//! Any bytes at all, and kept inputs with something cut out, put in, doubled or turned over.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::corpus::kept;
use crate::readers;

/// What is put in: what means something to one of the readers, or to what is below it.
const WORDS: [&[u8]; 28] = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\n",
    b"\n%%%\n",
    b": ",
    b"- ",
    b"[",
    b"{",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!str ",
    b"${secret.db}",
    b"${site.url}",
    b"${",
    b"~",
    b"../",
    b"/etc/passwd",
    b"<testsuite>",
    b"<testcase>",
    b"<failure/>",
    b"&lt;",
    b"<![CDATA[",
    b"]]>",
    b"PK\x01\x02",
    b"\x1f\x8b\x08\x00",
    b"9999999999999999999999",
];

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Turn(Index, u8),
    Cut(Index, usize),
    Put(Index, Index),
    Double(Index, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Change::Turn(at, bits)),
        (any::<Index>(), 1..200usize).prop_map(|(at, count)| Change::Cut(at, count)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, word)| Change::Put(at, word)),
        (any::<Index>(), 1..200usize, 1..20usize)
            .prop_map(|(at, count, times)| Change::Double(at, count, times)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            return bytes;
        }
        let end = |at: usize, count: usize| (at + count).min(bytes.len());
        match change {
            Change::Turn(at, bits) => {
                let at = at.index(bytes.len());
                bytes[at] ^= bits;
            }
            Change::Cut(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *count));
            }
            Change::Put(at, word) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, word.get(&WORDS).iter().copied());
            }
            Change::Double(at, count, times) => {
                let at = at.index(bytes.len());
                let piece = bytes[at..end(at, *count)].repeat(*times);
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

/// Reads changed inputs of a fuzz target; the readers assert what must hold.
fn read_changed(target: &str, read: fn(&[u8])) {
    let inputs = kept(target);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) };
    let changes = vec(change(), 1..12);
    proptest!(config, |(which in any::<Index>(), changes in changes)| {
        read(&changed(which.get(&inputs).1.clone(), &changes));
    });
}

fn read_anything(first: &'static [u8], read: fn(&[u8])) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) };
    proptest!(config, |(bytes in vec(any::<u8>(), 0..4096), first in prop::sample::select(first))| {
        read(&[&[first], &bytes[..]].concat());
    });
}

#[test]
fn a_changed_description_is_read_or_refused() {
    read_changed("description", readers::description);
    read_anything(b"a{[&#", readers::description);
}

#[test]
fn a_changed_result_is_read_or_refused() {
    read_changed("junit", readers::junit);
    read_anything(b"< &\n", readers::junit);
}

#[test]
fn a_changed_archive_is_read_or_refused() {
    read_changed("archive", readers::archive);
    read_anything(b"WZGT", readers::archive);
}
