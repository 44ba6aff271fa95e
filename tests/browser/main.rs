//! The page of a report in a real browser: what a phone, a keyboard, a screen reader and a printer get.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod chromium;
mod page;
mod pages;
