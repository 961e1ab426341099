//! The `pixelrnn` command.

fn main() {}
