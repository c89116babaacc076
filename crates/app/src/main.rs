//! The binary `xiuhua`.

fn main() {}
