//! What this process takes, as the kernel counts it.

use std::fs;
use std::time::Duration;

/// CPU time of all threads that are there, user and system.
pub(crate) fn cpu_time() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("Linux").flatten();
    let times_ns = threads.filter_map(|thread| {
        let schedule = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedule.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times_ns.sum())
}

/// Files that may be open.
pub(crate) fn files_max() -> u32 {
    let limits = fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.unwrap_or(u32::MAX)
}

/// Tokio as an embedder has it.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads")
}
