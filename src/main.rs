//! Maps the result of a command to an exit code.

fn main() {}
