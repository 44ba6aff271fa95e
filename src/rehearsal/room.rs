//! Whether there is room for another replica beside one that is up.

use futures_util::future::try_join_all;

use crate::docker::{Docker, Engine, EngineInfo};
use crate::failure::Failure;

/// What is left alone beside both replicas.
const RESERVE: u64 = 256 << 20;
/// Of what a machine has, so much is taken to be free where only the engine can see it.
const FREE_ELSEWHERE: u64 = 2;

/// Whether a replica like the one that is up, whose containers these are, has room in memory: it will take about as
/// much, and tests make both grow. One that cannot be measured has none.
pub(super) async fn has_room<E: Engine>(engine: &E, containers: &[String]) -> bool {
    let Ok(info) = engine.info().await else { return false };
    let usages = try_join_all(containers.iter().map(|container| engine.usage(container))).await;
    let Ok(usages) = usages else { return false };
    let used = usages.iter().map(|usage| usage.memory).sum();
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    fits(used, free(&info, &meminfo))
}

/// Processors of the engine's machine, and bytes of memory that are free there.
///
/// # Errors
/// Infrastructure: no engine answers.
pub async fn free_room() -> Result<(u32, u64), Failure> {
    let info = Docker::connect().await?.info().await?;
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    Ok((info.cpus, free(&info, &meminfo)))
}

/// An engine that counts nothing says that nothing is used.
fn fits(used: u64, free: u64) -> bool {
    used > 0 && free >= used.saturating_mul(2).saturating_add(RESERVE)
}

/// Bytes that are free on the engine's machine, which is this one if it has as much memory.
fn free(engine: &EngineInfo, meminfo: &str) -> u64 {
    let field = |name: &str| -> Option<u64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    match (field("MemTotal:"), field("MemAvailable:")) {
        (Some(all), Some(free)) if all == engine.memory && engine.elsewhere.is_none() => free,
        _ => engine.memory / FREE_ELSEWHERE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::fake::FakeEngine;

    const GIB: u64 = 1 << 30;

    #[tokio::test]
    async fn memory_of_this_machine_is_looked_at_and_that_of_another_is_guessed() {
        let engine = FakeEngine::new();
        let info = EngineInfo { memory: 8 * GIB, elsewhere: None, ..engine.info().await.unwrap() };
        let meminfo = "MemTotal:        8388608 kB\nMemFree: 1 kB\nMemAvailable:    1048576 kB\n";
        assert_eq!(free(&info, meminfo), GIB);
        let elsewhere = EngineInfo { elsewhere: Some("host".to_owned()), ..info.clone() };
        assert_eq!(free(&elsewhere, meminfo), 4 * GIB);
        let larger = EngineInfo { memory: 16 * GIB, ..info.clone() };
        assert_eq!(free(&larger, meminfo), 8 * GIB);
        assert_eq!(free(&info, ""), 4 * GIB);
    }

    #[test]
    fn there_is_room_for_twice_as_much_and_what_is_not_measured_has_none() {
        assert!(fits(GIB, 2 * GIB + RESERVE));
        assert!(!fits(GIB, 2 * GIB));
        assert!(!fits(0, 100 * GIB));
    }

    #[tokio::test]
    async fn a_container_that_is_gone_leaves_no_room() {
        assert!(!has_room(&FakeEngine::new(), &["gone".to_owned()]).await);
    }
}
