//! The `bilim` program: parse, run, exit code.

fn main() {}
