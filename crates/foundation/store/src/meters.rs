//! What the store measures of itself, for whoever keeps the program running: commands, groups of commits, queues, connections.
//!
//! Labels are kinds of commands and outcomes: nothing of a person or a tenant.

use kernel::{Error, Kind, Stopwatch};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// Upper bounds in seconds: from a read by its key to a request that is given up.
pub const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Upper bounds of how many commands one commit carried.
const GROUPS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 32.0, 40.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    kind: &'static str,
    outcome: &'static str,
}

/// A histogram of durations, in [`SECONDS`].
pub fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

/// Counts of one store, since it was opened.
#[derive(Debug)]
pub struct Meters {
    commands: Family<Of, Histogram>,
    groups: Histogram,
    commits: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        Meters { commands: Family::new_with_constructor(durations), groups: Histogram::new(GROUPS), commits: durations() }
    }
}

/// What waits and what is in use just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Commands in the writer's queue; SQLite only.
    pub writes_waiting: usize,
    /// Reads that wait for a reader, or whoever waits for a connection.
    pub reads_waiting: usize,
    pub connections_in_use: usize,
    pub connections_open: usize,
}

impl Meters {
    /// Makes them known to who prints them. `writer` says whether there is a write queue to speak of.
    pub fn register(&self, registry: &mut Registry, writer: bool) {
        let help = "Commands by kind and outcome, from the call to the answer";
        registry.register_with_unit("command_duration", help, Unit::Seconds, self.commands.clone());
        if writer {
            registry.register("write_group_size", "Commands that one commit carried", self.groups.clone());
            let help = "How long a group's commit took, flush to disk included";
            registry.register_with_unit("write_commit_duration", help, Unit::Seconds, self.commits.clone());
        }
    }
    pub(crate) fn command(&self, kind: &'static str) -> Timed<'_> {
        Timed { meters: self, kind, outcome: "panicked", watch: Stopwatch::start() }
    }
    pub(crate) fn group(&self, size: usize, commit: Duration) {
        self.groups.observe(size as f64);
        self.commits.observe(commit.as_secs_f64());
    }
}

/// A command under way; counted when it is dropped, however it ended.
pub(crate) struct Timed<'m> {
    meters: &'m Meters,
    kind: &'static str,
    outcome: &'static str,
    watch: Stopwatch,
}

impl Timed<'_> {
    /// It ended, and had run before or not.
    pub fn ended(&mut self, outcome: Result<bool, &Error>) {
        self.outcome = match outcome {
            Ok(false) => "done",
            Ok(true) => "replayed",
            Err(error) => match error.kind() {
                Kind::Invalid => "invalid",
                Kind::Unauthenticated => "unauthenticated",
                Kind::Forbidden => "forbidden",
                Kind::NotFound => "not_found",
                Kind::Conflict => "conflict",
                Kind::TooLarge => "too_large",
                Kind::Unsupported => "unsupported",
                Kind::Method => "method",
                Kind::TooMany => "too_many",
                Kind::Unavailable => "unavailable",
                Kind::Internal => "internal",
            },
        };
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        let of = Of { kind: self.kind, outcome: self.outcome };
        self.meters.commands.get_or_create(&of).observe(self.watch.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Code;

    #[test]
    fn each_command_is_counted_once_by_how_it_ended_also_when_it_panicked() {
        let meters = Meters::default();
        let mut registry = Registry::default();
        meters.register(&mut registry, true);
        meters.command("case.report").ended(Ok(false));
        meters.command("case.report").ended(Ok(true));
        meters.command("case.report").ended(Err(&Code::conflict("stale").err()));
        drop(meters.command("case.report"));
        meters.group(3, Duration::from_millis(2));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for outcome in ["done", "replayed", "conflict", "panicked"] {
            let line = format!("command_duration_seconds_count{{kind=\"case.report\",outcome=\"{outcome}\"}} 1");
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
        assert!(text.contains("write_group_size_bucket{le=\"2.0\"} 0") && text.contains("write_group_size_bucket{le=\"4.0\"} 1"), "{text}");
    }
}
