//! What is handed out beside the program, as far as it can be seen without building or a server: which commit the
//! program says it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod built_from;

use std::path::Path;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
