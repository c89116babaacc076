//! Workloads beside the raw engine.

fn main() {}
