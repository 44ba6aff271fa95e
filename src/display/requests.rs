//! Shows each request to Docker as it ends: `-vv`.

use std::fmt;
use std::io;
use std::time::Instant;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Writes each request to Docker that ends from now on to stderr, a line each: seconds since this
/// call, what was asked of what, milliseconds, outcome. A second call does nothing.
pub fn show_requests() {
    // Libraries trace as well, and their lines may hold what nobody has looked through.
    let ours = Targets::new().with_target("stagectl::docker", LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_level(false)
        .with_target(false)
        .with_timer(SinceStart(Instant::now()))
        .with_filter(ours);
    tracing_subscriber::registry().with(lines).try_init().ok();
}

/// As wide as the times of `--output plain`.
struct SinceStart(Instant);

impl FormatTime for SinceStart {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:8.3}s", self.0.elapsed().as_secs_f64())
    }
}
