//! From a float network to a blob of integers.

pub mod pack;
