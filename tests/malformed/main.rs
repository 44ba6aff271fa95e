//! What others wrote, and wrote badly: bytes of every kind are an answer or an error, never a panic.
//!
//! The same readers are fuzzed (`make fuzz`); what was found there is in `fuzz/corpus`, and read here.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod corpus;
mod mutated;
mod readers;
