//! See `readers::archive`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/malformed/readers.rs"]
mod readers;

fuzz_target!(|input: &[u8]| readers::archive(input));
